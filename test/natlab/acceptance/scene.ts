import { randomBytes } from "node:crypto";
import { LabPeer, type Meeting } from "../lab-peer.ts";
import type { Laboratory, LabProcess, Place } from "../laboratory.ts";

const SERVICE = "udp://198.51.100.1:3600";

/** What a scene is like. */
export interface SceneOptions {
  /** Kinds of the two routers. */
  readonly a?: string;
  readonly b?: string;
  /** More words for the laboratory. */
  readonly lab?: readonly string[];
  readonly rendezvous?: string;
  /** More words for the rendezvous. */
  readonly service?: readonly string[];
  /** Who calls, and who is called. @default `a` calls, `b` is called */
  readonly caller?: Place;
  readonly listener?: Place;
  /** Done between building the laboratory and starting anything in it. */
  readonly prepare?: (lab: Laboratory) => void;
}

/** A laboratory with a rendezvous, somebody who can be called, and somebody who will call. */
export class Scene {
  readonly lab: Laboratory;
  meeting: Meeting;
  readonly caller: LabPeer;
  readonly listener: LabPeer;
  readonly #options: SceneOptions;
  service: LabProcess;

  private constructor(lab: Laboratory, options: SceneOptions, service: LabProcess) {
    const { caller = "a", listener = "b" } = options;
    this.lab = lab;
    this.#options = options;
    this.service = service;
    this.meeting = meetingAt(options);
    this.caller = new LabPeer(lab.peer(caller));
    this.listener = new LabPeer(lab.peer(listener));
  }

  /** Builds everything; the one who is called waits for calls. */
  static async open(lab: Laboratory, options: SceneOptions = {}): Promise<Scene> {
    const { a = "open", b = "open", lab: words = [] } = options;
    lab.up(a, b, ...words);
    options.prepare?.(lab);
    const scene = new Scene(lab, options, await startService(lab, options));
    await scene.listener.ask("listen", scene.meeting);
    return scene;
  }

  /** Other routers, and somebody else who can be called: the old ones have forgotten the old one. */
  async routers(a: string, b: string): Promise<void> {
    this.lab.change("nat", "a", a);
    this.lab.change("nat", "b", b);
    this.meeting = meetingAt(this.#options);
    await this.listener.ask("listen", this.meeting);
  }

  /** Kills the rendezvous, and the relay with it. */
  async killService(): Promise<void> {
    await this.lab.kill(this.service);
  }

  async restartService(): Promise<void> {
    this.service = await startService(this.lab, this.#options);
  }

  async close(): Promise<void> {
    await this.lab.down();
  }
}

function meetingAt({ rendezvous = SERVICE }: SceneOptions): Meeting {
  return { rendezvous, key: randomBytes(32).toString("hex") };
}

async function startService(lab: Laboratory, options: SceneOptions): Promise<LabProcess> {
  const { rendezvous = SERVICE, service = [] } = options;
  const running = lab.sealwire("pub", "rendezvous", "--listen", rendezvous, ...service);
  await running.line("listening udp:");
  return running;
}
