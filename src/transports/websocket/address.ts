import { SealwireError } from "../../core/model/errors.ts";

/** @throws `INVALID_ARGUMENT` when the address is not of this scheme or holds what is not sent. */
export function checkAddress(address: URL, scheme: string): void {
  const unusable = address.username + address.password + address.hash;
  if (address.protocol === `${scheme}:` && address.hostname !== "" && unusable === "") return;
  // The address is not shown as it is: it may hold a password.
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `the address at ${address.host || "no host"} cannot be used; expected ` +
      `${scheme}://host:port/path without user, password and fragment`,
  );
}
