using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Tests.Commands;

/// <summary>The commands of the program.</summary>
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
    public async Task TryRun_Configuration_IsNoCommand(params string[] args) => Assert.Null(await RunAsync(args));

    [Theory]
    [InlineData("Unknown command 'key'", "key")]
    [InlineData("Usage: keys new", "keys")]
    [InlineData("Usage: keys new", "keys", "old")]
    [InlineData("Missing required option '--tenant'", "keys", "new")]
    [InlineData("Option '--tenant' requires a value", "keys", "new", "--tenant")]
    [InlineData("Invalid value 'a/b' for option '--tenant'", "keys", "new", "--tenant", "a/b")]
    [InlineData("Option '--tenant' was specified more than once", "keys", "new", "--tenant=a", "--tenant=b")]
    [InlineData("Unknown option '--name'", "keys", "new", "--name", "a")]
    [InlineData("Invalid value 'soon' for option '--expires'", "keys", "new", "--tenant", "a", "--expires", "soon")]
    public async Task TryRun_WrongUse_PrintsTheErrorAndTheUsage(string message, params string[] args)
    {
        Assert.Equal(WrongUse, await RunAsync(args));
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("keys new --tenant NAME", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _out.ToString());
    }

    [Fact]
    public async Task KeysNew_PrintedKey_GivesAccessToTheTenantUntilItExpires()
    {
        Assert.Equal(0, await RunAsync("keys", "new", "--tenant", "alpha", "--id=laptop", "--expires", "2027-01-01"));
        Assert.Equal(0, await RunAsync("keys", "new", "--tenant", "alpha"));
        var lines = _out.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var file = Path.Combine(_directory.FullName, "keys.json");
        await File.WriteAllTextAsync(file, $"{{ \"keys\": [ {lines[1]}, {lines[3]} ] }}");

        var time = new ManualTimeProvider();
        var keys = new ApiKeyStore(new ApiKeysOptions { File = file }, new ConfigurationBuilder().Build(), time, NullLogger<ApiKeyStore>.Instance);

        time.Advance(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(-1) - time.GetUtcNow());
        Assert.Equal("alpha", Outcome.Of(keys.Check(lines[0])));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(CredentialException.Expired, Outcome.Of(keys.Check(lines[0])));
        Assert.Equal("alpha", Outcome.Of(keys.Check(lines[2])));
        Assert.NotEqual(lines[0], lines[2]);
        Assert.DoesNotContain(lines[0], lines[1] + _error, StringComparison.Ordinal);
    }

    private Task<int?> RunAsync(params string[] args) => ServerCommands.TryRunAsync(args, new CommandConsole(TextReader.Null, _out, _error));
}
