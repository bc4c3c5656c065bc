/** Views of fresh shared memory for a layout. */
import { byteLengthOf, type Regions, type Views, viewsOf } from "../../src/shared/layout.ts";

export const allocate = <R extends Regions>(regions: R): Views<R> =>
  viewsOf(regions, new SharedArrayBuffer(byteLengthOf(regions)));
