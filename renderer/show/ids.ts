export { splitId } from '../../preload/contract/ids.ts';
