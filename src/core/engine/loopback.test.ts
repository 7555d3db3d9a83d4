import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test("hosts of this machine are loopback, in brackets and whatever their case", () => {
  const hosts = ["localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1", "[::1]"];
  expect(hosts.map(isLoopback)).toEqual(hosts.map(() => true));
});

test("names that only look like it, and all other hosts, are not", () => {
  const hosts = [
    "",
    "localhost.example",
    "127.0.0.1.example",
    "128.0.0.1",
    "::2",
    "[::]",
    "0.0.0.0",
  ];
  expect(hosts.map(isLoopback)).toEqual(hosts.map(() => false));
});
