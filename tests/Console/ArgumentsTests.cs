using GenAI.Chats.Client;
using GenAI.Chats.Console.Tests.Support;

namespace GenAI.Chats.Console.Tests;

/// <summary>The command line and the environment.</summary>
public sealed class ArgumentsTests : ConsoleTest
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";
    private const string CaVariable = "GENAI_CHATS_CA_FILE";
    private const string KeyVariable = "GENAI_CHATS_API_KEY";
    private const string TokenVariable = "GENAI_CHATS_ACCESS_TOKEN";

    [Fact]
    public async Task Parse_NoArguments_HasTheDefaults()
    {
        var arguments = await Arguments.ParseAsync();

        Assert.Equal(new Uri("http://127.0.0.1:50051"), arguments.Address);
        Assert.Equal("echo", arguments.Model);
        Assert.Null(arguments.ChatId ?? arguments.System ?? arguments.Message);
        Assert.Null(arguments.Client.TrustedRootsFile ?? arguments.Client.ClientCertificateFile ?? arguments.Client.ClientKeyFile ?? arguments.Client.ApiKey);
    }

    [Fact]
    public async Task Parse_AllOptions_AreSet()
    {
        var arguments = await Arguments.ParseAsync(
            "--address", "https://chats.example.com", "--chat", "demo", "--model", "gemini-2.5-flash", "--system", "Be brief.", "--ca", "ca.pem",
            "--certificate", "me.pem", "--certificate-key=me.key");

        Assert.Equal(new Uri("https://chats.example.com"), arguments.Address);
        Assert.Equal(("demo", "gemini-2.5-flash", "Be brief."), (arguments.ChatId, arguments.Model, arguments.System));
        Assert.Equal(("ca.pem", "me.pem", "me.key"), (arguments.Client.TrustedRootsFile, arguments.Client.ClientCertificateFile, arguments.Client.ClientKeyFile));
    }

    [Theory]
    [InlineData("Hello", "Hello")]
    [InlineData("Hello there", "Hello", "there")]
    [InlineData("Hello there", "Hello", "--chat", "demo", "there")]
    [InlineData("chat", "chat")]
    [InlineData("@you -5 a:b=c", "@you", "-5", "a:b=c")]
    [InlineData("say --model twice", "--", "say", "--model", "twice")]
    public async Task Parse_Words_AreTheMessage(string message, params string[] args) => Assert.Equal(message, (await Arguments.ParseAsync(args)).Message);

    [Theory]
    [InlineData("localhost:1", "http://localhost:1/")]
    [InlineData("http://localhost:1", "http://localhost:1/")]
    [InlineData("https://localhost", "https://localhost/")]
    public async Task Parse_Address_IsAUri(string address, string uri) => Assert.Equal(uri, (await Arguments.ParseAsync("--address", address)).Address.AbsoluteUri);

    [Theory]
    [InlineData("'--modle' was not matched. Did you mean one of the following?\n--model\n\nUnrecognized command or argument '--modle'.\n", "--modle", "echo")]
    [InlineData("Required argument missing for option: '--chat'.\n", "hi", "--chat")]
    [InlineData("Invalid address 'ftp://here'. Expected HOST:PORT or an http(s) URL.\n", "--address", "ftp://here")]
    [InlineData("Invalid address 'a b'. Expected HOST:PORT or an http(s) URL.\n", "--address", "a b")]
    public void Run_InvalidArguments_PrintsTheErrorAndExits(string message, params string[] args)
    {
        Assert.Equal(ExitCodes.Usage, Run(args));
        Assert.StartsWith(message, Error, StringComparison.Ordinal);
        Assert.EndsWith("For usage, run ./chat --help.\n", Error, StringComparison.Ordinal);
        Assert.Empty(Output);
    }

    [Fact]
    public async Task Parse_Variables_AreTheDefaults()
    {
        try
        {
            Environment.SetEnvironmentVariable(AddressVariable, "chats.example.com:1");
            Environment.SetEnvironmentVariable(CaVariable, "ca.pem");
            Environment.SetEnvironmentVariable(KeyVariable, "key");

            var arguments = await Arguments.ParseAsync();

            Assert.Equal("chats.example.com:1", arguments.Address.Authority);
            Assert.Equal(("ca.pem", "key", null), (arguments.Client.TrustedRootsFile, arguments.Client.ApiKey, arguments.Client.AccessToken));
            Assert.Equal("localhost:2", (await Arguments.ParseAsync("--address", "localhost:2")).Address.Authority);

            Environment.SetEnvironmentVariable(KeyVariable, null);
            Environment.SetEnvironmentVariable(TokenVariable, "token");
            Assert.Equal("token", await (await Arguments.ParseAsync()).Client.AccessToken!(default));

            Environment.SetEnvironmentVariable(AddressVariable, "ftp://here");
            Assert.Equal(ExitCodes.Usage, Run());
            Assert.Equal("Invalid value 'ftp://here' for GENAI_CHATS_ADDRESS. Expected: HOST:PORT, or an http or https URL.\n", Error);
        }
        finally
        {
            Environment.SetEnvironmentVariable(AddressVariable, null);
            Environment.SetEnvironmentVariable(CaVariable, null);
            Environment.SetEnvironmentVariable(KeyVariable, null);
            Environment.SetEnvironmentVariable(TokenVariable, null);
        }
    }

    [Fact]
    public async Task Client_Arguments_AreItsOptions()
    {
        var options = (await Arguments.ParseAsync("--certificate", "me.pem", "--certificate-key", "me.key")).Client;

        Assert.Equal(("me.pem", "me.key"), (options.ClientCertificateFile, options.ClientKeyFile));
        Assert.Equal(TurnRestartPolicy.Signal, options.OnTurnRestart);
        options.Validate();
    }

    [Fact]
    public void Run_Suggest_PrintsCompletions()
    {
        Assert.Equal(ExitCodes.Good, Run("[suggest:10]", "chat --cer"));
        Assert.Equal("--certificate\n--certificate-key\n", Output);
    }
}
