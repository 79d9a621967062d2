/** Only for the names of keys; nothing else of the page depends on where its browser runs. */
export const isMac: boolean =
  typeof navigator !== 'undefined' &&
  /mac|iphone|ipad/i.test(navigator.userAgent) &&
  !/linux/i.test(navigator.userAgent);
