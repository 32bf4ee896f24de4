// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

extension ScriptFolder {
    /// Starts a server in the folder, runs the lines of shell, and ends it. `$front` and `$admin` are its addresses,
    /// `$rookery` deploys, `admin` asks the admin API, `shards` lists the processes; its records are in `records`.
    /// - Parameter age: seconds after which shards are replaced; 0: never.
    func serve(shards: Int, age: Int = 0, _ lines: String) async throws -> ProgramRun {
        try await shell(
            """
            rookery=$1; export ROOKERY_ADMIN_TOKEN=a-token-of-the-test
            echo '{"shardSilence":60000,"shardAge":\(age)}' >config
            "$rookery" serve --config config --shards \(shards) --listen 127.0.0.1:0 --admin 127.0.0.1:0 --data data \\
              --log "$PWD/records" 2>log & server=$!
            for try in $(seq 1 600); do grep -q 'admin on' log && break; sleep 0.1; done
            front=$(sed -n 's/^rookery: listening on //p' log); export ROOKERY_ADMIN=$(sed -n 's/^rookery: admin on //p' log)
            deploy() { "$rookery" deploy "$@" >>deployed 2>&1 || { echo "not deployed: $*"; cat deployed; }; }
            ask() { curl -s -m 60 "$front$1" "${@:2}"; echo; }
            admin() { curl -s -m 60 "$ROOKERY_ADMIN$1" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" "${@:2}"; echo; }
            shards() { pgrep -P $server -f ' shard'; }
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
