import type { JsonLimits } from "../../codecs/json-limits.ts";
import { type PythonJson, pythonJson } from "../../codecs/python-json.ts";
import { invalidOption } from "../../core/engine/check-options.ts";

/** How trusted sockets are spoken; all of it may be left out. */
export interface TrustRpcOptions {
  /**
   * The procedure that a line of the chat is a call of. A server then takes every frame that is no
   * JSON object for a line, calls the procedure with it and sends back what that returns, as it
   * is. A client sends a call of this procedure with one text as a bare line, which a server
   * without the option answers with an error, as the original does.
   *
   * @default none: such frames are answered with the error of the original
   */
  readonly chat?: string;
  /**
   * A client answers challenges of any length and content, as the original does. Without, only
   * those that the original server makes: a false server has less to choose from.
   *
   * @default false
   */
  readonly anyChallenge?: boolean;
  /** What one frame may hold; more is answered with an error. */
  readonly values?: JsonLimits;
}

/** Options with everything filled in. */
export interface TrustRpcSettings {
  readonly chat: string | undefined;
  readonly anyChallenge: boolean;
  readonly json: PythonJson;
}

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function trustRpcSettings(options: TrustRpcOptions): TrustRpcSettings {
  const { chat, anyChallenge = false, values } = options;
  if (chat === "") throw invalidOption("chat", '""', "the name of a procedure");
  return { chat, anyChallenge, json: pythonJson(values) };
}
