using System.Text.Json.Nodes;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests;

/// <summary>Clients in other languages, with code generated from the protos as their users do it, see what the contract says.</summary>
public sealed class ClientTests
{
    private const string Seen = """
        {
          "config": [0.5, ["user", ["Be brief."]], {"echo-repeat": "2"}],
          "plain": {
            "config": false,
            "send": {"answer": ["model", ["Hello there!"]], "finish_reason": "STOP", "tokens": 4, "revision": 1}
          },
          "seeded": {
            "send": {"answer": ["model", ["Again! Again! "]], "finish_reason": "STOP", "tokens": 3, "revision": 1}
          },
          "stream": {
            "kinds": ["started", "chunk", "chunk", "chunk", "chunk", "ended"],
            "offsets": [1, 2, 3, 4, 5, 6],
            "chunks": ["One ", "chunk ", "a ", "word."],
            "curated": true
          },
          "history": [
            ["user", ["Hello there!"]], ["model", ["Hello there!"]],
            ["user", ["One chunk a word."]], ["model", ["One chunk a word."]]
          ],
          "comprehensive": [
            ["user", ["Hi."]], ["model", ["Hello."]], ["user", ["Lost?"]], ["model", []],
            ["user", ["Again! "]], ["model", ["Again! Again! "]]
          ],
          "curated": [["user", ["Hi."]], ["model", ["Hello."]], ["user", ["Again! "]], ["model", ["Again! Again! "]]],
          "deleted": "NOT_FOUND"
        }
        """;

    [Theory]
    [InlineData(Programs.Python, "chats.py")]
    [InlineData(Programs.Node, "chats.js")]
    public async Task Client_WalkThroughTheService_MatchesTheContract(string program, string script)
    {
        var server = await ServerProcess.SharedAsync();

        var printed = await Programs.RunAsync(program, $"tests/System/Clients/{script}", server.Address, $"seeded-{Path.GetFileName(program)}");

        Assert.Equal(JsonNode.Parse(Seen)!.ToJsonString(), JsonNode.Parse(Assert.Single(printed))!.ToJsonString());
    }

    [Theory]
    [InlineData(Programs.Python, "examples/python/first_chat.py")]
    [InlineData(Programs.Node, "examples/node/first_chat.js")]
    public async Task FirstChat_AgainstTheServer_PrintsTheOutputInTheReadme(string program, string script)
    {
        var server = await ServerProcess.SharedAsync();

        var printed = await Programs.RunAsync(program, script, server.Address);

        Assert.Equal(Readme.OutputOf("examples/python/first_chat.py"), printed.Select(Readme.WithoutIds));
    }

    [Theory]
    [InlineData(Programs.Python, "many_streams.py")]
    [LongInlineData(Programs.Node, "many_streams.js")]
    public async Task Client_ManyStreamsAndCancellationsOnOneChannel_LeaveOtherCallsIntact(string program, string script)
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);

        var printed = await Programs.RunAsync(program, $"tests/System/Clients/{script}", server.Address);

        var words = string.Join(' ', Enumerable.Range(0, 40).Select(static i => $"w{i}"));
        var seen = $$"""{"states":["STATE_CANCELLED"],"others":["STATE_COMPLETED {{words}}"],"withinASecond":true}""";
        Assert.Equal(seen, JsonNode.Parse(Assert.Single(printed))!.ToJsonString());
    }

    // PyPI isn't reachable everywhere, so a module takes the place of pip's grpcio-tools, and runs Debian's protoc.
    [Fact]
    public async Task FirstChat_PythonHasGrpcTools_GeneratesCodeWithThem()
    {
        const string tools = """
            import subprocess, sys
            sys.exit(subprocess.call(["/usr/bin/protoc", "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin", *sys.argv[1:]]))
            """;
        using var directory = new TestDirectory();
        var (package, examples) = (Directory.CreateDirectory($"{directory.Path}/packages/grpc_tools"), Directory.CreateDirectory($"{directory.Path}/examples/python"));
        await File.WriteAllTextAsync(Path.Combine(package.FullName, "__init__.py"), "");
        await File.WriteAllTextAsync(Path.Combine(package.FullName, "protoc.py"), tools);
        Directory.CreateSymbolicLink($"{directory.Path}/protos", Repository.PathTo("protos"));
        foreach (var script in (string[])["chats_client.py", "first_chat.py"])
        {
            File.Copy(Repository.PathTo($"examples/python/{script}"), Path.Combine(examples.FullName, script));
        }

        var server = await ServerProcess.SharedAsync();

        // No protoc is in the path.
        var environment = new Dictionary<string, string> { ["PYTHONPATH"] = package.Parent!.FullName, ["PATH"] = examples.FullName };
        var printed = await ChildProcess.RunAsync(Programs.Python, [Path.Combine(examples.FullName, "first_chat.py"), server.Address], environment);

        Assert.Equal(Readme.OutputOf("examples/python/first_chat.py"), printed.Select(Readme.WithoutIds));
    }

    [Fact]
    public async Task BranchChat_AgainstTheServer_PrintsWhatTheGuideSays()
    {
        var server = await ServerProcess.SharedAsync();

        var printed = await Programs.RunAsync(Programs.Python, "examples/python/branch_chat.py", server.Address);

        Assert.Equal(Readme.OutputOf("examples/python/branch_chat.py", "docs/how-to/edit-and-regenerate.md"), printed);
    }
}
