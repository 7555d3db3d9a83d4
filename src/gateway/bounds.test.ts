import { describe, expect, it } from "vitest";
import { ANONYMOUS } from "../core/model/peer.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { House } from "./house.ts";
import { GATEWAY_LIMITS } from "./options.ts";
import { Pace } from "./pace.ts";
import { Tickets } from "./tickets.ts";

describe("the pace", () => {
  it("lets a second's worth through at once, and then as much as there is time", () => {
    const clock = manualClock();
    const pace = new Pace(1_000, clock);
    expect(pace.take(1_000)).toBe(0);
    expect(pace.take(500)).toBe(500);
    clock.advance(500);
    expect(pace.take(100)).toBe(100);
    clock.advance(60_000);
    expect(pace.take(1_000)).toBe(0);
    expect(pace.take(1)).toBe(1);
  });

  it("lets a message through that is larger than a second's worth, and waits afterwards", () => {
    const pace = new Pace(1_000, manualClock());
    expect(pace.take(5_000)).toBe(4_000);
  });
});

describe("the house", () => {
  const limits = { ...GATEWAY_LIMITS, maxConnections: 3, maxConnectionsPerAddress: 2 };

  it("counts by address, in all, and gives places back once", () => {
    const house = new House(limits, manualClock());
    const leave = house.enter("192.0.2.1:1");
    house.enter("192.0.2.1:2");
    expect(() => house.enter("192.0.2.1:3")).toThrow(/your address has 2/);
    leave();
    leave();
    house.enter("192.0.2.1:3");
    expect(() => house.enter("192.0.2.1:4")).toThrow(/your address/);
    house.enter("192.0.2.2:1");
    expect(() => house.enter("192.0.2.3:1")).toThrow(/this proxy has 3/);
  });

  it("takes a network of IPv6 for one address", () => {
    const house = new House({ ...limits, maxConnectionsPerAddress: 1 }, manualClock());
    house.enter("[2001:db8::1]:1");
    expect(() => house.enter("[2001:db8::2]:1")).toThrow(/your address/);
    house.enter("[2001:db8:0:1::1]:1");
  });

  it("lets somebody in so often in a minute, and again after a while", () => {
    const clock = manualClock();
    const house = new House({ ...GATEWAY_LIMITS, opensPerMinute: 2 }, clock);
    house.enter("192.0.2.1:1")();
    house.enter("192.0.2.1:1")();
    expect(() => house.enter("192.0.2.1:1")).toThrow(/more than 2 connections a minute/);
    house.enter("192.0.2.2:1")();
    clock.advance(30_000);
    house.enter("192.0.2.1:1")();
    expect(() => house.enter("192.0.2.1:1")).toThrow(/a minute/);
  });
});

describe("a ticket", () => {
  const content = { principal: ANONYMOUS, encryptionKey: "geheim" };

  it("stands for what it was given for, once", () => {
    const tickets = new Tickets(manualClock(), 60_000);
    const ticket = tickets.issue(content);
    expect(tickets.redeem(ticket)).toMatchObject(content);
    expect(() => tickets.redeem(ticket)).toThrow(/unknown, used or has expired/);
  });

  it("expires", () => {
    const clock = manualClock();
    const tickets = new Tickets(clock, 60_000);
    const [first, second] = [tickets.issue(content), tickets.issue(content)];
    clock.advance(59_999);
    expect(tickets.redeem(first)).toMatchObject(content);
    clock.advance(1);
    expect(() => tickets.redeem(second)).toThrow(/expired/);
  });

  it("cannot be forged, cut, or taken to another gateway", () => {
    const clock = manualClock();
    const tickets = new Tickets(clock, 60_000);
    const ticket = tickets.issue(content);
    const changed = (ticket.startsWith("A") ? "B" : "A") + ticket.slice(1);
    for (const wrong of ["", "x", changed, ticket.slice(1), `${ticket}A`, "ä".repeat(99)]) {
      expect(() => tickets.redeem(wrong)).toThrow(/unknown/);
    }
    expect(() => new Tickets(clock, 60_000).redeem(ticket)).toThrow(/unknown/);
    expect(tickets.redeem(ticket)).toMatchObject(content);
  });

  it("is not given out without end, and old ones make room", () => {
    const clock = manualClock();
    const tickets = new Tickets(clock, 60_000);
    for (let n = 0; n < 10_000; n++) tickets.issue(content);
    expect(() => tickets.issue(content)).toThrow(/too many tickets/);
    clock.advance(60_000);
    expect(tickets.issue(content)).toMatch(/^[\w-]+$/);
  });
});
