using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Identity.ApiKeys;

namespace GenAI.Chats.Api.Tests.Commands;

/// <summary>What the program does instead of serving.</summary>
public sealed class ServerCommandsTests : IDisposable
{
    private const int WrongUse = 2;

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("keys");

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData]
    [InlineData("--Api:GrpcPort=1")]
    [InlineData("/Api:GrpcPort=1")]
    [InlineData("Api:GrpcPort=1", "keys")]
    [InlineData("--urls", "keys")]
    public async Task TryRun_Configuration_IsNoVerb(params string[] args) => Assert.Null(await RunAsync(args));

    [Theory]
    [InlineData("There is no key", "key")]
    [InlineData("one thing to do: new", "keys")]
    [InlineData("one thing to do: new", "keys", "old")]
    [InlineData("--tenant is missing", "keys", "new")]
    [InlineData("--tenant needs a value", "keys", "new", "--tenant")]
    [InlineData("--tenant is a/b", "keys", "new", "--tenant", "a/b")]
    [InlineData("--tenant comes twice", "keys", "new", "--tenant=a", "--tenant=b")]
    [InlineData("--name is no option", "keys", "new", "--name", "a")]
    [InlineData("--expires is soon", "keys", "new", "--tenant", "a", "--expires", "soon")]
    public async Task TryRun_WrongUse_SaysWhatAndHow(string message, params string[] args)
    {
        Assert.Equal(WrongUse, await RunAsync(args));
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("keys new --tenant NAME", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _out.ToString());
    }

    [Fact]
    public async Task KeysNew_WhatItPrints_OpensTheTenantUntilItExpires()
    {
        Assert.Equal(0, await RunAsync("keys", "new", "--tenant", "alpha", "--id=laptop", "--expires", "2027-01-01"));
        Assert.Equal(0, await RunAsync("keys", "new", "--tenant", "alpha"));
        var lines = _out.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var file = Path.Combine(_directory.FullName, "keys.json");
        await File.WriteAllTextAsync(file, $"{{ \"keys\": [ {lines[1]}, {lines[3]} ] }}");

        var keys = ApiKeyRules.Read(new ApiKeysOptions { File = file });

        var until = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(Verdict.Of("alpha"), keys.Check(lines[0], until.AddTicks(-1)));
        Assert.Equal(Refusal.Expired, keys.Check(lines[0], until));
        Assert.Equal(Verdict.Of("alpha"), keys.Check(lines[2], until));
        Assert.NotEqual(lines[0], lines[2]);
        Assert.DoesNotContain(lines[0], lines[1] + _error, StringComparison.Ordinal);
    }

    private Task<int?> RunAsync(params string[] args) => ServerCommands.TryRunAsync(args, new CommandConsole(TextReader.Null, _out, _error));
}
