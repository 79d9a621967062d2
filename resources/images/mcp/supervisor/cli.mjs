// `mcp-supervisor status` and `mcp-supervisor watch`: the status socket as JSON lines, for whoever can `docker exec`.
import { fstatSync } from 'node:fs';
import { request } from 'node:http';

const socketPath = '/run/mcp/status.sock';

const [command] = process.argv.slice(2);
if (command === 'status' || command === 'watch') {
  // A reader that is gone: nothing is left to do.
  process.stdout.on('error', () => process.exit(0));
  process.stdout.on('close', () => process.exit(0));
  if (command === 'watch') {
    endWithInput();
  }
  read(command === 'watch' ? '/events' : '/status');
} else {
  console.error('usage: mcp-supervisor run | status | watch | health');
  process.exitCode = 2;
}

/**
 * The engine keeps a command running after its `docker exec` client has left, and reads its output into nothing, so that
 * stdout never breaks; but it closes stdin (seen with engine 20.10). A caller that attaches stdin ends us by leaving.
 */
function endWithInput() {
  if (fstatSync(0).isFIFO() || fstatSync(0).isSocket()) {
    process.stdin.resume();
    process.stdin.on('end', () => process.exit(0));
    process.stdin.on('error', () => process.exit(0));
  }
}

/** @param {string} path */
function read(path) {
  const asked = request({ socketPath, path }, (response) => {
    let rest = '';
    response.setEncoding('utf8');
    response.on('data', (text) => {
      rest += text;
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data: ')) {
          console.log(line.slice('data: '.length));
        }
      }
    });
    response.on('end', () => {
      if (path === '/status') {
        console.log(rest);
      } else {
        fail('the supervisor ended');
      }
    });
    response.on('error', (error) => fail(error.message));
  });
  asked.on('error', (error) => fail(error.message));
  asked.end();
}

/** @param {string} reason */
function fail(reason) {
  console.error(`mcp-supervisor: ${reason}`);
  process.exit(1);
}
