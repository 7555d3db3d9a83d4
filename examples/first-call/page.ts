import { type Client, connect, SealwireError } from "sealwire";
import type { Api, Tick } from "./server.ts";

const SHOWN_TICKS = 12;
const REFRESH_MS = 1_000;

void start();

/** Connects with the page's own key, then brings the page to life. */
async function start(): Promise<void> {
  try {
    const pin = fingerprint();
    element("fingerprint").textContent = pin;
    const address = new URL("/", location.href);
    address.protocol = "ws:";
    const credentials = { scheme: "api-key", key: await ownKey() } as const;
    const client = await connect(address, { pin, credentials });
    showState(client);
    const api = client.api<Api>();
    element("user").textContent = `the user “${await api.whoami()}”, by API key`;
    onSubmit("add", "sum", () => api.add(number("a"), number("b")));
    onSubmit("greet", "greeting", () => api.greet(text("name")));
    countDown(client);
    watchTicks(client);
    watchNumbers(client);
  } catch (error) {
    element("state").dataset["state"] = "closed";
    element("state").textContent = sentence(error);
  }
}

function fingerprint(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="sealwire-fingerprint"]');
  return meta?.content ?? "";
}

/** Only this page's script gets it; it stands in no address and no file. */
async function ownKey(): Promise<string> {
  const answer = await fetch("key", { cache: "no-store" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

function showState(client: Client): void {
  const shown = element("state");
  const show = (state: string, why?: string) => {
    shown.dataset["state"] = state;
    shown.textContent = why === undefined ? state : `${state}: ${why}`;
  };
  show(client.state);
  client.onState((state, error) => {
    // A server that was started anew has other keys, which come with a new page.
    if (state === "closed") show(state, "load this page again");
    else show(state, error && state === "broken" ? "trying again" : undefined);
  });
}

function onSubmit(form: string, output: string, ask: () => Promise<unknown>): void {
  element(form).addEventListener("submit", (event) => {
    event.preventDefault();
    ask().then(
      (answer) => say(output, String(answer), "answer"),
      (error: unknown) => say(output, sentence(error), "failure"),
    );
  });
}

/** A stream; leaving it cancels the call on the server too. */
function countDown(client: Client): void {
  const begin = element<HTMLButtonElement>("begin");
  const stop = element<HTMLButtonElement>("stop");
  element("countdown").addEventListener("submit", (event) => {
    event.preventDefault();
    const leaving = new AbortController();
    stop.onclick = () => leaving.abort();
    begin.disabled = true;
    stop.disabled = false;
    void showCount(client, number("from"), leaving.signal).finally(() => {
      begin.disabled = false;
      stop.disabled = true;
    });
  });
}

async function showCount(client: Client, from: number, signal: AbortSignal): Promise<void> {
  const bar = element<HTMLProgressElement>("left");
  bar.max = Math.max(1, from);
  try {
    const numbers = client.api<Api>().$with({ signal }).countdown(from);
    for await (const left of numbers) {
      bar.value = left;
      say("count", `${left}`, "answer");
    }
    say("count", "0, and the stream has ended", "answer");
  } catch (error) {
    if (signal.aborted) say("count", "stopped: the server has been told", "answer");
    else say("count", sentence(error), "failure");
  }
}

function watchTicks(client: Client): void {
  const ticks = element("ticks");
  client.onEvent("tick", (data) => {
    const { at, connections } = data as Tick;
    const others = connections === 1 ? "you alone are" : `${connections} are`;
    element("tick").textContent = `${at.toLocaleTimeString()}, ${others} connected`;
    ticks.append(document.createElement("li"));
    if (ticks.childElementCount > SHOWN_TICKS) ticks.replaceChildren();
  });
}

function watchNumbers(client: Client): void {
  const show = async () => {
    const { connection } = client;
    if (connection === undefined) return;
    const { sentBytes, receivedBytes } = connection.statistics;
    element("sent").textContent = sentBytes.toLocaleString();
    element("received").textContent = receivedBytes.toLocaleString();
    element("ping").textContent = `${(await client.ping()).toFixed(1)} ms`;
  };
  const refresh = () => void show().catch(() => {});
  refresh();
  setInterval(refresh, REFRESH_MS);
}

function say(id: string, what: string, kind: "answer" | "failure"): void {
  element(id).textContent = what;
  element(id).className = kind;
}

function sentence(error: unknown): string {
  if (error instanceof SealwireError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function number(id: string): number {
  return element<HTMLInputElement>(id).valueAsNumber;
}

function text(id: string): string {
  return element<HTMLInputElement>(id).value;
}

function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as Kind;
}
