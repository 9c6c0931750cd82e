using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.Silo.Commands;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Tests.Commands;

/// <summary>The commands of the program.</summary>
public sealed class ServerCommandsTests : IDisposable
{
    private const int Started = 1;
    private const int WrongUse = 2;

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("keys");
    private string[] _settings = [];

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("", "serve")]
    [InlineData("--Api:GrpcPort=1", "--Api:GrpcPort=1")]
    [InlineData("--Api:GrpcPort=1", "--Api:GrpcPort", "1")]
    [InlineData("--Api:GrpcPort=1", "/Api:GrpcPort=1")]
    [InlineData("--Api:GrpcPort=1", "/Api:GrpcPort", "1", "serve")]
    [InlineData("--Api:GrpcPort=1", "Api:GrpcPort=1")]
    [InlineData("--Api:GrpcPort= --Storage:Path=a b", "--Api:GrpcPort", "--Storage:Path", "a b")]
    [InlineData("--urls=keys", "--urls", "keys")]
    public async Task Run_Settings_StartTheServerWithThem(string settings, params string[] args)
    {
        Assert.Equal(Started, await RunAsync(args));
        Assert.Equal(settings, string.Join(' ', _settings));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--help", "--Api:GrpcPort=51408")]
    [InlineData("--Api:GrpcPort=51408", "--help")]
    [InlineData("serve", "--help")]
    [InlineData("keys", "--help")]
    [InlineData("keys", "new", "--help")]
    [InlineData("export", "--help")]
    [InlineData("import", "--tenant", "a", "--help")]
    [InlineData("chats", "--help")]
    [InlineData("chats", "list", "--help")]
    [InlineData("chats", "delete", "--help")]
    [InlineData("check", "--help")]
    public async Task Run_Help_StartsNothing(params string[] args)
    {
        Assert.Equal(0, await RunAsync(args));
        Assert.Contains("Usage:", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _error.ToString());
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--version", "--Api:GrpcPort=51408")]
    public async Task Run_Version_StartsNothing(params string[] args)
    {
        Assert.Equal(0, await RunAsync(args));
        Assert.Matches(@"\A\d+\.\d+\.\d+", _out.ToString());
    }

    [Fact]
    public async Task Run_Suggest_PrintsCommands()
    {
        Assert.Equal(0, await RunAsync("[suggest:14]", "genai-chats ex"));
        Assert.Equal("export", _out.ToString().Trim());
    }

    [Theory]
    [InlineData("Unknown command 'kys'. Did you mean 'keys'?", "kys")]
    [InlineData("Unknown command 'kys'. Did you mean 'keys'?", "--Api:GrpcPort=1", "kys")]
    [InlineData("Required command was not provided.", "keys")]
    [InlineData("Unknown command 'nw'. Did you mean 'new'?", "keys", "nw")]
    [InlineData("Option '--tenant' or '--operator' is required.", "keys", "new")]
    [InlineData("Options '--tenant' and '--operator' can't be combined.", "keys", "new", "--operator", "--tenant", "a")]
    [InlineData("Unknown option '--adres'. Did you mean '--address'?", "chats", "list", "--adres", "x")]
    [InlineData("Required argument missing for option: '--tenant'.", "keys", "new", "--tenant")]
    [InlineData("Invalid value '--id' for option '--tenant'. Expected: a tenant name", "keys", "new", "--tenant", "--id")]
    [InlineData("Invalid value '--a' for option '--tenant'. Expected: a tenant name", "keys", "new", "--tenant", "--a")]
    [InlineData("Invalid value '-a' for option '--tenant'. Expected: a tenant name", "keys", "new", "--tenant", "-a")]
    [InlineData("Invalid value 'a/b' for option '--tenant'. Expected: a tenant name", "keys", "new", "--tenant", "a/b")]
    [InlineData("Option '--tenant' expects a single argument but 2 were provided.", "keys", "new", "--tenant=a", "--tenant=b")]
    [InlineData("Unknown option '--tenat'. Did you mean '--tenant'?", "keys", "new", "--tenat", "a")]
    [InlineData("Unknown option '-x'.", "keys", "new", "--tenant", "a", "-x")]
    [InlineData("Invalid value 'soon' for option '--expires'. Expected: a date", "keys", "new", "--tenant", "a", "--expires", "soon")]
    [InlineData("Option '--tenant' is required.", "export", "--Storage:Path=chats.db")]
    [InlineData("Unknown argument 'chats.jsonl'.", "import", "chats.jsonl")]
    [InlineData("Required argument 'URL' missing for command: 'check'.", "check")]
    [InlineData("Invalid URL 'here'. Expected: an http or https URL.", "check", "here")]
    public async Task Run_InvalidCommand_PrintsTheError(string message, params string[] args)
    {
        Assert.Equal(WrongUse, await RunAsync(args));
        var lines = _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith(message, lines[0], StringComparison.Ordinal);
        Assert.Equal("For usage, run with --help.", lines[^1]);
        Assert.Equal("", _out.ToString());
    }

    [Theory]
    [InlineData("Storage:Path: database '", "export", "--tenant", "a")]
    [InlineData("Line 1: not a valid export record:", "import")]
    public async Task Run_Transfer_FailsWithoutCreatingADatabase(string message, params string[] args)
    {
        var path = Path.Combine(_directory.FullName, "missing", "chats.db");

        Assert.Equal(1, await RunAsync(["--Storage:Path=" + path, .. args]));
        Assert.StartsWith(message, Assert.Single(_error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public async Task Run_UnhealthyUrl_Fails()
    {
        Assert.Equal(1, await RunAsync("check", "http://127.0.0.1:1/healthz/ready"));
        Assert.Contains("refused", _out.ToString(), StringComparison.OrdinalIgnoreCase);
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

    [Fact]
    public async Task KeysNew_Operator_GivesAccessToNoTenant()
    {
        Assert.Equal(0, await RunAsync("keys", "new", "--operator", "--id", "ops"));
        var lines = _out.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var file = Path.Combine(_directory.FullName, "keys.json");
        await File.WriteAllTextAsync(file, $"{{ \"keys\": [ {lines[1]} ] }}");

        var keys = new ApiKeyStore(new ApiKeysOptions { File = file }, new ConfigurationBuilder().Build(), new ManualTimeProvider(), NullLogger<ApiKeyStore>.Instance);

        var claim = Assert.Single(keys.Check(lines[0]).Principal!.Claims);
        Assert.Equal((Caller.OperatorClaim, "ops"), (claim.Type, claim.Value));
    }

    private Task<int> RunAsync(params string[] args)
    {
        var program = new ServerProgram("A server.", ApiOptions.SectionName, settings =>
        {
            _settings = settings;
            throw new CommandException("Started.");
        })
        {
            Commands = settings => ServerCommands.Create(settings, new CommandConsole(new StringReader("nonsense"), _out, _error)),
        };
        return ServerRun.RunAsync(args, program, _out, _error);
    }
}
