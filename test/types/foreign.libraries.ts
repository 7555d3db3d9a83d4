import { type } from "arktype";
import { pino } from "pino";
import type { Logger, StandardSchema } from "sealwire/core";
import * as v from "valibot";
import { z } from "zod";

/** The schemas of three libraries fit the one interface. */
export const schemas: readonly StandardSchema[] = [z.string(), v.string(), type("string")];

/** A logger of pino fits as it is. */
export const logger: Logger = pino();
