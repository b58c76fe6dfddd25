import { expect, it } from "vitest";
import { freeze } from "./prototype";

it("freezes a prototype, and lets what inherits from it have properties of its own", () => {
  const prototype = Object.create(null, { toString: { value: () => "all", writable: true, configurable: true } });
  freeze(prototype);
  const own = Object.create(prototype);
  own.toString = () => "first";
  own.toString = () => "own";
  expect([own.toString(), Object.keys(own)]).toEqual(["own", ["toString"]]);
  expect(Object.create(prototype).toString()).toBe("all");
  expect(() => {
    prototype.toString = () => "changed";
  }).toThrow(TypeError);
  expect(() => {
    prototype.new = true;
  }).toThrow(TypeError);
});
