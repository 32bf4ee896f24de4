// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

extension ScriptFolder {
    /// Starts a server in the folder, runs the lines of shell, and ends it. `$front` and `$ROOKERY_ADMIN` are its
    /// addresses, `start` starts another, `deploy` deploys, `ask` asks, `hears PATH TEXT` asks until that is the answer,
    /// `said TEXT` waits for words in `log`, `admin` asks the admin API, `shards` lists the processes; its records are in
    /// `records`.
    /// - Parameters:
    ///   - age: seconds after which shards are replaced; 0: never.
    ///   - options: more of them for `rookery serve`.
    ///   - before: lines of shell before the start; `launch` may become words before the program's name.
    func serve(
        shards: Int, age: Int = 0, _ lines: String, options: String = "", before: String = ""
    ) async throws -> ProgramRun {
        try await shell(
            """
            rookery=$1; export ROOKERY_ADMIN_TOKEN=a-token-of-the-test
            echo '{"shardSilence":60000,"shardAge":\(age)}' >config
            start() {
              $launch "$rookery" serve --config config --shards \(shards) --listen 127.0.0.1:0 --admin 127.0.0.1:0 \\
                --data data --log "$PWD/records" \(options) 2>log & server=$!
              for try in $(seq 1 600); do grep -q 'admin on' log && break; kill -0 $server 2>/dev/null || break; sleep 0.1; done
              front=$(sed -n 's/^rookery: listening on //p' log); export ROOKERY_ADMIN=$(sed -n 's/^rookery: admin on //p' log)
            }
            deploy() {
              for try in 1 2 3 4 5 6; do
                "$rookery" deploy "$@" >deployed 2>&1 && return; grep -q 'try again' deployed || break
              done
              echo "not deployed: $*"; cat deployed
            }
            ask() { curl -s -m 60 "$front$1" "${@:2}"; echo; }
            # On a busy machine a shard may take longer to start than a request waits.
            hears() { for try in 1 2 3 4 5 6; do [ "$(ask "$1")" = "$2" ] && break; done; ask "$1"; }
            said() { for try in $(seq 1 600); do grep -q "$1" log && return; sleep 0.1; done; echo "not said: $1"; }
            admin() { curl -s -m 60 "$ROOKERY_ADMIN$1" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" "${@:2}"; echo; }
            shards() { pgrep -P $server -f ' shard'; }
            \(before)
            start
            \(lines)
            kill $server; wait $server; echo "status $?"
            cat log >&2
            """)
    }

    /// What a file in the folder holds.
    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path + "/" + name)), as: UTF8.self)
    }
}

extension JSON {
    /// What a text says.
    init(text: String) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }
}
