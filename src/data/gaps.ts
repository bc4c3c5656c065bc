/** How programs and people write that a value is missing. */

/** No category has such a name. */
const certain =
  /^(?:|\?+|[+-]?(?:nan|inf|infinity)|#?n\.?[/.]a\.?|#?na|<na>|nat|null|nil|\\n|#(?:null|ref|value|num|name)[!?]|#div\/0!)$/i;

/** Gaps among numbers, and perhaps words of their own among words. */
const likely =
  /^(?:-+|–|—|\.+|_+|\*+|x|none|unknown|missing|undefined|not available|not applicable|n\.d\.|k\.a\.)$/i;

/** Whether a text among words, too, stands for no value. */
export const isCertainGap = (text: string): boolean => certain.test(text);

/** Whether a text among numbers stands for no value. */
export const isGap = (text: string): boolean => certain.test(text) || likely.test(text);
