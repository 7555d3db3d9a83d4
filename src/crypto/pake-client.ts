import { encodeBase64Url } from "../bytes/encode-base64.ts";
import {
  fromText,
  KEY_STRETCHING,
  loadOpaque,
  normalized,
  notProven,
  orMalformed,
} from "./opaque.ts";

/** A client's half of a login. */
export interface PakeClientLogin {
  /** Goes to the server first. */
  readonly request: Uint8Array;
  /**
   * Answers the server; stretches the password, which takes a fifth of a second and blocks.
   *
   * @throws `UNAUTHENTICATED` when this is not the password, or not the server, of the
   *   registration; `HANDSHAKE_FAILED` when the response is malformed
   */
  finish(response: Uint8Array): { readonly message: Uint8Array; readonly sessionKey: Uint8Array };
}

/** Begins a login with a password. */
export async function startPakeClient(password: string): Promise<PakeClientLogin> {
  const { client } = await loadOpaque();
  const secret = normalized(password);
  const started = client.startLogin({ password: secret });
  return {
    request: fromText(started.startLoginRequest),
    finish(response) {
      const finished = orMalformed(() =>
        client.finishLogin({
          clientLoginState: started.clientLoginState,
          loginResponse: encodeBase64Url(response),
          password: secret,
          keyStretching: KEY_STRETCHING,
        }),
      );
      if (finished === undefined) throw notProven();
      const { finishLoginRequest, sessionKey } = finished;
      return { message: fromText(finishLoginRequest), sessionKey: fromText(sessionKey) };
    },
  };
}
