using System.CommandLine;
using GenAI.Chats.Silo.Commands;

namespace GenAI.Chats.Api.Commands;

/// <summary>The options and environment variables that select the server of a command.</summary>
internal sealed class ConnectionOptions
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";
    private const string CaVariable = "GENAI_CHATS_CA_FILE";
    private const string DefaultAddress = "127.0.0.1:50051";

    public ConnectionOptions() => Address.Validators.Add(static result =>
    {
        foreach (var token in result.Tokens.Where(static token => ToUri(token.Value) is null))
        {
            result.AddError(Describe("option '--address'", token.Value));
        }
    });

    /// <summary>Gets the option for the server's address.</summary>
    public Option<string> Address { get; } = new("--address")
    {
        Description = $"The server's address, or http or https URL. Default: {AddressVariable}, or {DefaultAddress}.",
        HelpName = "HOST:PORT",
        Recursive = true,
    };

    /// <summary>Gets the option for the trusted CAs.</summary>
    public Option<string> Ca { get; } = new("--ca")
    {
        Description = $"CA certificates (PEM) to verify the server. Default: {CaVariable}, or the system's.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Opens the connection that a command line and the environment select.</summary>
    /// <exception cref="CommandException">The address or a file is invalid.</exception>
    public OperatorConnection Open(ParseResult result)
    {
        var address = result.GetValue(Address) is { } given ? ToUri(given)!
            : Variable(AddressVariable) is { } set ? ToUri(set) ?? throw new CommandException(Describe(AddressVariable, set))
            : ToUri(DefaultAddress)!;
        return new OperatorConnection(address, result.GetValue(Ca) ?? Variable(CaVariable));
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Describe(string source, string value) => $"Invalid value '{value}' for {source}. Expected: HOST:PORT, or an http or https URL.";

    private static Uri? ToUri(string address) =>
        Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : null;
}
