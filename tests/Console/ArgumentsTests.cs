using GenAI.Chats.Client;

namespace GenAI.Chats.Console.Tests;

/// <summary>The command line and the environment.</summary>
public sealed class ArgumentsTests
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";
    private const string CaVariable = "GENAI_CHATS_CA_FILE";
    private const string KeyVariable = "GENAI_CHATS_API_KEY";

    [Fact]
    public void Parse_NoArguments_HasTheDefaults()
    {
        var arguments = ConsoleArguments.Parse([]);

        Assert.Equal(new Uri("http://127.0.0.1:50051"), arguments.Address);
        Assert.Equal("echo", arguments.Model);
        Assert.False(arguments.Help);
        Assert.Null(arguments.ChatId ?? arguments.System ?? arguments.Message ?? arguments.CaFile ?? arguments.CertificateFile ?? arguments.CertificateKeyFile);
    }

    [Fact]
    public void Parse_AllOptions_AreSet()
    {
        var arguments = ConsoleArguments.Parse(
        [
            "--address", "https://chats.example.com", "--chat", "demo", "--model", "gemini-2.5-flash", "--system", "Be brief.", "--ca", "ca.pem",
            "--certificate", "me.pem", "--certificate-key", "me.key",
        ]);

        Assert.Equal(new Uri("https://chats.example.com"), arguments.Address);
        Assert.Equal(("demo", "gemini-2.5-flash", "Be brief."), (arguments.ChatId, arguments.Model, arguments.System));
        Assert.Equal(("ca.pem", "me.pem", "me.key"), (arguments.CaFile, arguments.CertificateFile, arguments.CertificateKeyFile));
    }

    [Theory]
    [InlineData("Hello", "Hello")]
    [InlineData("Hello there", "Hello", "there")]
    [InlineData("Hello there", "Hello", "--chat", "demo", "there")]
    public void Parse_Words_AreTheMessage(string message, params string[] args) => Assert.Equal(message, ConsoleArguments.Parse(args).Message);

    [Theory]
    [InlineData("localhost:1", "http://localhost:1/")]
    [InlineData("http://localhost:1", "http://localhost:1/")]
    [InlineData("https://localhost", "https://localhost/")]
    public void Parse_Address_IsAUri(string address, string uri) => Assert.Equal(uri, ConsoleArguments.Parse(["--address", address]).Address.AbsoluteUri);

    [Theory]
    [InlineData("Unknown option '--modle'.", "--modle", "echo")]
    [InlineData("Option '--chat' requires a value.", "hi", "--chat")]
    [InlineData("Invalid address 'ftp://here'. Expected HOST:PORT or an http(s) URL.", "--address", "ftp://here")]
    [InlineData("Invalid address 'a b'. Expected HOST:PORT or an http(s) URL.", "--address", "a b")]
    public void Parse_Invalid_Throws(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => ConsoleArguments.Parse(args)).Message);

    [Fact]
    public void Parse_Variables_AreTheDefaults()
    {
        try
        {
            Environment.SetEnvironmentVariable(AddressVariable, "chats.example.com:1");
            Environment.SetEnvironmentVariable(CaVariable, "ca.pem");
            Environment.SetEnvironmentVariable(KeyVariable, "key");

            var arguments = ConsoleArguments.Parse([]);

            Assert.Equal("chats.example.com:1", arguments.Address.Authority);
            Assert.Equal(("ca.pem", "key"), (arguments.ToOptions().TrustedRootsFile, arguments.ToOptions().ApiKey));
            Assert.Equal("localhost:2", ConsoleArguments.Parse(["--address", "localhost:2"]).Address.Authority);
        }
        finally
        {
            Environment.SetEnvironmentVariable(AddressVariable, null);
            Environment.SetEnvironmentVariable(CaVariable, null);
            Environment.SetEnvironmentVariable(KeyVariable, null);
        }
    }

    [Fact]
    public void ToOptions_Arguments_AreTheClients()
    {
        var options = ConsoleArguments.Parse(["--certificate", "me.pem", "--certificate-key", "me.key"]).ToOptions();

        Assert.Equal(("me.pem", "me.key"), (options.ClientCertificateFile, options.ClientKeyFile));
        Assert.Equal(TurnRestartPolicy.Signal, options.OnTurnRestart);
        options.Validate();
    }
}
