// Takes apart what `git cat-file --batch` writes, as it comes. Pure but for its own memory: one object at a time.

/**
 * @param {(oid: string, content: Buffer | null) => void} onObject null: the object is not here
 * @returns {(chunk: Buffer) => void}
 */
export function createBatchReader(onObject) {
  /** @type {Buffer[]} */
  let chunks = [];
  let length = 0;
  /** What must be there before it goes on: a header's line, or an object with its line end. @type {{oid: string, size: number} | null} */
  let object = null;

  const step = () => {
    if (object !== null) {
      if (length < object.size + 1) return false;
      const all = Buffer.concat(chunks);
      onObject(object.oid, all.subarray(0, object.size));
      keep(all.subarray(object.size + 1));
      object = null;
      return true;
    }
    const all = Buffer.concat(chunks);
    const end = all.indexOf(10);
    keep(end === -1 ? all : all.subarray(end + 1));
    if (end === -1) return false;
    const [oid = '', , size] = all.toString('latin1', 0, end).split(' ');
    if (size === undefined) onObject(oid, null);
    else object = { oid, size: Number(size) };
    return true;
  };

  /** @param {Buffer} rest */
  const keep = (rest) => {
    chunks = rest.length === 0 ? [] : [rest];
    length = rest.length;
  };

  return (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    let going = true;
    while (going && length > 0) going = step();
  };
}
