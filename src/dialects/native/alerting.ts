import type { Wire } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ALERT_CODES, formatAlert } from "./preface.ts";

/** Before anything is sealed a failure can only be told in clear. */
export async function alerting<Result>(wire: Wire, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    const error = SealwireError.from(thrown, "HANDSHAKE_FAILED");
    if (mayBeTold(error)) await wire.write(formatAlert(error)).catch(() => {});
    throw error;
  }
}

/** Our own sentences; what a platform or a library says of itself stays here. */
function mayBeTold({ code, cause }: SealwireError): boolean {
  return ALERT_CODES.includes(code) && (cause === undefined || cause instanceof SealwireError);
}
