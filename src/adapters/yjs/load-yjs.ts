import { SealwireError } from "../../core/model/errors.ts";

/** The library, where it is installed. */
export type Yjs = typeof import("yjs");

/** @throws `UNSUPPORTED` when the package is not installed */
export async function loadYjs(): Promise<Yjs> {
  try {
    return await import("yjs");
  } catch (cause) {
    const message = "shared documents need the package yjs, which is not there: npm install yjs";
    throw new SealwireError("UNSUPPORTED", message, { cause });
  }
}
