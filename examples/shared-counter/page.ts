import { connect, SealwireError } from "sealwire";
import { type SharedStateClient, sharedStateClient } from "sealwire/features/shared-state";

void start();

/** Connects to the server that has sent this page, and brings the page to life. */
async function start(): Promise<void> {
  try {
    const address = new URL("/", location.href);
    address.protocol = "ws:";
    const client = await connect(address, { pin: fingerprint() });
    const show = (state: string): void => {
      element("state").dataset["state"] = state;
      element("state").textContent = state;
    };
    show(client.state);
    client.onState(show);
    const shared = client.install(sharedStateClient());
    element("more").onclick = () => tell(shared.add("visitors", 1));
    element("less").onclick = () => tell(shared.add("visitors", -1));
    await Promise.all([showVisitors(shared), editTitle(shared)]);
  } catch (error) {
    element("state").dataset["state"] = "closed";
    element("state").textContent = sentence(error);
  }
}

/** First what is there, then every change, after breaks too. */
async function showVisitors(shared: SharedStateClient): Promise<void> {
  for await (const { value } of shared.watch("visitors")) {
    element("visitors").textContent = String(value ?? 0);
  }
}

/** What is written replaces what is shown here, and nothing that has not been seen. */
async function editTitle(shared: SharedStateClient): Promise<void> {
  const input = element<HTMLInputElement>("title");
  let seen = 0;
  element("change").onsubmit = (event) => {
    event.preventDefault();
    tell(shared.cas("title", input.value, seen));
  };
  for await (const { value, version } of shared.watch("title")) {
    seen = version;
    input.value = String(value ?? "");
  }
}

function tell(asked: Promise<unknown>): void {
  const told = element("told");
  asked.then(
    () => {
      told.className = "faint";
      told.textContent = "Kept by the server.";
    },
    (error: unknown) => {
      told.className = "failure";
      told.textContent = sentence(error);
    },
  );
}

function fingerprint(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="sealwire-fingerprint"]');
  return meta?.content ?? "";
}

function sentence(error: unknown): string {
  if (error instanceof SealwireError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as Kind;
}
