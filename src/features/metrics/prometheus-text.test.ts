import { expect, it } from "vitest";
import { prometheusText } from "./prometheus-text.ts";

it("writes each metric with its help, its type and its values", () => {
  const samples = [{ labels: { procedure: "add", code: "OK" }, value: 3 }, { value: 1.5 }];
  const text = prometheusText([{ name: "calls_total", type: "counter", help: "Calls.", samples }]);

  expect(text).toBe(
    [
      "# HELP calls_total Calls.",
      "# TYPE calls_total counter",
      'calls_total{procedure="add",code="OK"} 3',
      "calls_total 1.5",
      "",
    ].join("\n"),
  );
});

it("keeps a name that would break its line within its quotes", () => {
  const samples = [{ labels: { procedure: 'a"b\\c\nd' }, value: 1 }];
  const text = prometheusText([{ name: "x", type: "gauge", help: "X.", samples }]);

  expect(text.split("\n")[2]).toBe('x{procedure="a\\"b\\\\c\\nd"} 1');
});
