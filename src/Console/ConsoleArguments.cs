namespace GenAI.Chats.Console;

/// <summary>The command-line arguments.</summary>
internal sealed record ConsoleArguments
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";
    private const string CaVariable = "GENAI_CHATS_CA_FILE";
    private const string KeyVariable = "GENAI_CHATS_API_KEY";
    private const string DefaultAddress = "127.0.0.1:50051";

    /// <summary>The service's address.</summary>
    public Uri Address { get; init; } = ToUri(Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } set ? set : DefaultAddress);

    /// <summary>The CA certificates to trust. If null, the system's trust store.</summary>
    public string? CaFile { get; init; } = Environment.GetEnvironmentVariable(CaVariable) is { Length: > 0 } ca ? ca : null;

    /// <summary>The client certificate, if any.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of the client certificate. If null, it's in the certificate's file.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>The chat's ID. If null, a new chat is created.</summary>
    public string? ChatId { get; init; }

    /// <summary>The model of a new chat.</summary>
    public string Model { get; init; } = "echo";

    /// <summary>The system instruction of a new chat.</summary>
    public string? System { get; init; }

    /// <summary>The message to send, if the command line has one.</summary>
    public string? Message { get; init; }

    /// <summary>Returns the client's options. Restarted turns are shown as such, because a person can tell the responses apart.</summary>
    public ChatsClientOptions ToOptions() => new()
    {
        Address = Address,
        ApiKey = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null,
        TrustedRootsFile = CaFile,
        ClientCertificateFile = CertificateFile,
        ClientKeyFile = CertificateKeyFile,
        OnTurnRestart = TurnRestartPolicy.Signal,
        SendTimeout = TimeSpan.FromHours(1),
    };

    /// <summary>Returns the URI of an address, which can be <c>HOST:PORT</c>.</summary>
    /// <exception cref="ArgumentException">The address is invalid.</exception>
    public static Uri ToUri(string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            ? uri
            : throw new ArgumentException($"Invalid address '{address}'. Expected HOST:PORT or an http(s) URL.");
    }
}
