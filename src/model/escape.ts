/**
 * A trace's bytes are hostile. Everything traced that reaches a terminal goes through `escapeControl`:
 * C0 and C1 controls, DEL, and the Unicode marks that reorder or hide text become visible escapes.
 */

/** Every character that `escapeControl` shows as an escape; all lie in the basic plane. */
export const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]/gu;

/** Shows control and direction characters as `\xHH` or `\u{HHHH}`; all else stays. */
export function escapeControl(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0)!;
    if (code === 9) return '\\t';
    if (code === 10) return '\\n';
    if (code === 13) return '\\r';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
