import { expect, test } from 'vitest';
import { commandFor, keyLabel, keymap } from '../../renderer/show/keymap.ts';

const press = (key: string, change: Partial<Parameters<typeof commandFor>[0]> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...change,
});
const nowhere = { mac: false, inField: false, onControl: false };

test('no key means two things', () => {
  const keys = keymap.flatMap((binding) => binding.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test('every binding of the table is what its key does', () => {
  for (const { keys, command } of keymap) {
    for (const key of keys) {
      const given = key.startsWith('mod+') ? press(key.slice(4), { ctrlKey: true }) : press(key);
      expect(commandFor(given, nowhere)).toBe(command);
    }
  }
});

test('letters typed into a field stay letters; Escape and Ctrl-K still work there', () => {
  const inField = { ...nowhere, inField: true };
  expect(commandFor(press('l'), inField)).toBeUndefined();
  expect(commandFor(press('1'), inField)).toBeUndefined();
  expect(commandFor(press('Escape'), inField)).toBe('back');
  expect(commandFor(press('k', { ctrlKey: true }), inField)).toBe('palette');
});

test('Enter and the arrows belong to a focused button or tab', () => {
  const onControl = { ...nowhere, onControl: true };
  expect(commandFor(press('Enter'), onControl)).toBeUndefined();
  expect(commandFor(press('ArrowDown'), onControl)).toBeUndefined();
  expect(commandFor(press('j'), onControl)).toBe('next-row');
});

test('the modifier is the platform’s own, and others are left to the browser', () => {
  const mac = { ...nowhere, mac: true };
  expect(commandFor(press('k', { metaKey: true }), mac)).toBe('palette');
  expect(commandFor(press('k', { ctrlKey: true }), mac)).toBeUndefined();
  expect(commandFor(press('l', { ctrlKey: true }), nowhere)).toBeUndefined();
  expect(commandFor(press('l', { altKey: true }), nowhere)).toBeUndefined();
  expect(keyLabel('mod+k', true)).toBe('⌘K');
  expect(keyLabel('mod+k', false)).toBe('Ctrl K');
  expect(keyLabel('Escape', false)).toBe('Esc');
});
