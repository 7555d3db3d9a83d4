import { expect, test } from "vitest";
import { serviceAddress, serviceEndpoints } from "./rendezvous-address.ts";

const knows = (hosts: readonly string[]) => ({ resolve: async () => hosts });

test("tries the families of a name by turns, IPv4 first, and not too many", async () => {
  const known = knows(["2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
  const places = await serviceEndpoints(serviceAddress("udp://meet.example:77"), known);
  const hosts = ["192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.3"];
  expect(places).toEqual(hosts.map((host) => ({ host, port: 77 })));
});

test("asks nobody for an address that is none of a name", async () => {
  const places = await serviceEndpoints(serviceAddress("udp://[2001:db8::7]"), knows([]));
  expect(places).toEqual([{ host: "2001:db8::7", port: 3_478 }]);
});

test("says which name has no address", async () => {
  const asked = serviceEndpoints(serviceAddress("udp://nowhere.example"), knows([]));
  await expect(asked).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(asked).rejects.toThrow("nowhere.example");
});
