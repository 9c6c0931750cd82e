using System.CommandLine;
using GenAI.Chats.Client;
using GenAI.Chats.Silo.Commands;

namespace GenAI.Chats.Api.Commands;

/// <summary>The options and environment variables that select the server of a command.</summary>
internal sealed class ConnectionOptions
{
    public ConnectionOptions() => Address.Validators.Add(static result =>
    {
        foreach (var token in result.Tokens.Where(static token => !ChatsClientOptions.TryParseAddress(token.Value, out _)))
        {
            result.AddError($"Invalid value '{token.Value}' for option '--address'. Expected: HOST:PORT, or an http or https URL.");
        }
    });

    /// <summary>Gets the option for the server's address.</summary>
    public Option<string> Address { get; } = new("--address")
    {
        Description = "The server's address, or http or https URL. Default: GENAI_CHATS_ADDRESS, or 127.0.0.1:50051.",
        HelpName = "HOST:PORT",
        Recursive = true,
    };

    /// <summary>Gets the option for the trusted CAs.</summary>
    public Option<string> Ca { get; } = new("--ca")
    {
        Description = "CA certificates (PEM) to verify the server. Default: GENAI_CHATS_CA_FILE, or the system's.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Opens the connection that a command line and the environment select.</summary>
    /// <exception cref="CommandException">The address or a file is invalid.</exception>
    public OperatorConnection Open(ParseResult result)
    {
        ChatsClientOptions options;
        try
        {
            options = ChatsClientOptions.FromEnvironment();
        }
        catch (ArgumentException invalid)
        {
            throw new CommandException(invalid.Message);
        }

        return new OperatorConnection(options with
        {
            Address = result.GetValue(Address) is { } address && ChatsClientOptions.TryParseAddress(address, out var uri) ? uri : options.Address,
            TrustedRootsFile = result.GetValue(Ca) ?? options.TrustedRootsFile,
        });
    }
}
