import { existsSync } from "node:fs";

/** The secret of both sides: the variable TRUST_ID, or that line of `.env` in the working folder. */
export function trustId(): string {
  if (!process.env["TRUST_ID"] && existsSync(".env")) process.loadEnvFile();
  const secret = process.env["TRUST_ID"];
  if (secret) return secret;
  console.error("set TRUST_ID, in the environment or in .env, to the secret of the server");
  process.exit(2);
}
