namespace GenAI.Chats.Console;

/// <summary>The command-line arguments.</summary>
internal sealed record ConsoleArguments
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";
    private const string CaVariable = "GENAI_CHATS_CA_FILE";
    private const string KeyVariable = "GENAI_CHATS_API_KEY";
    private const string DefaultAddress = "127.0.0.1:50051";

    public const string Usage = """
        Usage: ./chat [options] [message]

        Chats in the terminal with a running service. To start one: ./run

          ./chat                            start a new chat
          ./chat --chat demo                continue the chat "demo", or create it
          ./chat --chat demo Hello there    send one message, print the response, and exit
          echo hi | ./chat --chat demo      the same, with the message from stdin

        Options:
          --address HOST:PORT        address of the service, or an http(s) URL. Default: GENAI_CHATS_ADDRESS, or 127.0.0.1:50051
          --chat ID                  ID of the chat. Default: a new chat
          --model NAME               model of a new chat. Default: echo
          --system TEXT              system instruction of a new chat
          --ca FILE                  CA certificate (PEM) to verify the server. Default: GENAI_CHATS_CA_FILE, or the system trust store
          --certificate FILE         client certificate (PEM)
          --certificate-key FILE     private key (PEM) of the client certificate. Default: the certificate's file
          --help                     show this help

        If GENAI_CHATS_API_KEY is set, it's sent as the API key. Commands in a chat: /help.
        """;

    /// <summary>The service's address.</summary>
    public Uri Address { get; private init; } = ToUri(Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } set ? set : DefaultAddress);

    /// <summary>The CA certificates to trust. If null, the system's trust store.</summary>
    public string? CaFile { get; private init; } = Environment.GetEnvironmentVariable(CaVariable) is { Length: > 0 } ca ? ca : null;

    /// <summary>The client certificate, if any.</summary>
    public string? CertificateFile { get; private init; }

    /// <summary>The private key of the client certificate. If null, it's in the certificate's file.</summary>
    public string? CertificateKeyFile { get; private init; }

    /// <summary>The chat's ID. If null, a new chat is created.</summary>
    public string? ChatId { get; private init; }

    /// <summary>The model of a new chat.</summary>
    public string Model { get; private init; } = "echo";

    /// <summary>The system instruction of a new chat.</summary>
    public string? System { get; private init; }

    /// <summary>The message to send, if the command line has one.</summary>
    public string? Message { get; private init; }

    public bool Help { get; private init; }

    /// <summary>Parses the command line.</summary>
    /// <exception cref="ArgumentException">The command line is invalid.</exception>
    public static ConsoleArguments Parse(string[] args)
    {
        var parsed = new ConsoleArguments();
        for (var i = 0; i < args.Length; i++)
        {
            parsed = args[i] switch
            {
                "--help" or "-h" => parsed with { Help = true },
                "--address" => parsed with { Address = ToUri(Value(args, ref i)) },
                "--ca" => parsed with { CaFile = Value(args, ref i) },
                "--certificate" => parsed with { CertificateFile = Value(args, ref i) },
                "--certificate-key" => parsed with { CertificateKeyFile = Value(args, ref i) },
                "--chat" => parsed with { ChatId = Value(args, ref i) },
                "--model" => parsed with { Model = Value(args, ref i) },
                "--system" => parsed with { System = Value(args, ref i) },
                ['-', '-', ..] unknown => throw new ArgumentException($"Unknown option '{unknown}'."),
                var word => parsed with { Message = parsed.Message is null ? word : $"{parsed.Message} {word}" },
            };
        }

        return parsed;
    }

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

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"Option '{args[i - 1]}' requires a value.");

    private static Uri ToUri(string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            ? uri
            : throw new ArgumentException($"Invalid address '{address}'. Expected HOST:PORT or an http(s) URL.");
    }
}
