/** @returns makes methods that write down in `called` that they were called and with what, and give the answer */
export const noteIn =
  (called: string[]) =>
  <T>(name: string, answer: T) =>
  async (...input: readonly unknown[]): Promise<T> => {
    called.push(`${name} ${JSON.stringify(input)}`);
    return answer;
  };
