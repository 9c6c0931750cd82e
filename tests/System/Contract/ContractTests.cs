using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Contract;

/// <summary>The contract follows buf's rules, and doesn't break clients of the last release.</summary>
public sealed class ContractTests
{
    private const string Chats = "protos/genai/chats/v1/chats.proto";
    private const string Content = "protos/genai/chats/v1/content.proto";
    private const string Released = "protos/released.binpb";

    public static TheoryData<string, string, string, string, string> Mistakes => new()
    {
        { "lint", Chats, "  // The resource name, in the format `chats/{chat_id}`.\n", "", "Field \"name\"" },
        { "lint", Chats, "string display_name = 4", "string displayName = 4", "lower_snake_case" },
        { "lint", Chats, "CONFIG_MODE_MERGE", "MERGE", "should be prefixed with \"CONFIG_MODE_\"" },
        { "breaking", Chats, "string display_name = 4", "string display_name = 44", "field \"4\" with name \"display_name\"" },
        { "breaking", Chats, "int64 turn_count = 10", "string turn_count = 10", "changed type" },
        { "breaking", Chats, "rpc RewindChat(", "rpc MoveChat(", "\"RewindChat\"" },
        { "breaking", Chats, "returns (stream ChatEvent)", "returns (ChatEvent)", "streaming" },
        { "breaking", Content, "string file_uri = 2", "string file_uri = 22", "\"file_uri\"" },
    };

    [Theory]
    [InlineData("lint")]
    [InlineData("breaking", "--against", Released)]
    public async Task Buf_Contract_HasNoProblem(params string[] arguments)
    {
        await using var buf = await Programs.StartBufAsync(Repository.PathTo("."), arguments);

        Assert.True(await buf.ExitAsync() == 0, $"{buf}");
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Buf_ContractWithAMistake_HasAProblem(string command, string file, string right, string wrong, string problem)
    {
        using var copy = new TestDirectory();
        foreach (var part in new[] { "buf.yaml", "protos" })
        {
            await ChildProcess.RunAsync("cp", ["-r", Repository.PathTo(part), copy.Path]);
        }

        var changed = Path.Combine(copy.Path, file);
        var text = await File.ReadAllTextAsync(changed);
        Assert.Contains(right, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(changed, text.Replace(right, wrong, StringComparison.Ordinal));

        await using var buf = await Programs.StartBufAsync(copy.Path, command == "lint" ? [command] : [command, "--against", Released]);

        Assert.NotEqual(0, await buf.ExitAsync());
        Assert.Contains(buf.Lines.Concat(buf.Errors), line => line.Contains(problem, StringComparison.Ordinal));
    }
}
