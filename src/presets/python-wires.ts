import { type NaclBoxOptions, naclBoxSettings } from "../dialects/nacl-box/options.ts";
import { type NetconduitOptions, netconduitSettings } from "../dialects/netconduit/options.ts";
import { type TrustRpcOptions, trustRpcSettings } from "../dialects/trust-rpc/options.ts";
import { type ZmqPasswordOptions, zmqPasswordSettings } from "../dialects/zmq-password/options.ts";
import type { WrittenCurve } from "./curve-keys.ts";

/** How the wires of the Python systems are spoken. */
export interface PythonWireOptions {
  readonly zmqPassword?: ZmqPasswordOptions;
  readonly naclBox?: NaclBoxOptions;
  readonly trustRpc?: TrustRpcOptions;
  readonly netconduit?: NetconduitOptions;
  /** Encrypts ZeroMQ by CURVE (RFC 26), on `zmq-password://` and `nacl-box+zmq://`. */
  readonly curve?: WrittenCurve;
}

/**
 * Refuses what makes no sense, also for wires that nobody may ever speak.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function checkPythonWires(options: PythonWireOptions): void {
  const { zmqPassword, naclBox, trustRpc, netconduit } = options;
  if (zmqPassword) zmqPasswordSettings(zmqPassword);
  if (naclBox) naclBoxSettings(naclBox);
  if (trustRpc) trustRpcSettings(trustRpc);
  if (netconduit) netconduitSettings(netconduit);
}
