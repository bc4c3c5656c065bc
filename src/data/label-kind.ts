/** What scalar labels stand for, which their loss decides. */

/** Whether scalar labels that are integers ≥ 0 are class indices; `value` makes floats `[1]` of all scalars. */
export type LabelKind = "class" | "value";

/** The kind of each column of labels, by its place and its name. */
export type LabelKinds = (index: number, name: string | undefined) => LabelKind;
