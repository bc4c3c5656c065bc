/** Property tests draw the same examples at every run: a failure is a change of the code, never of the dice. */
import fc from "fast-check";

fc.configureGlobal({ seed: 20_240_601 });
