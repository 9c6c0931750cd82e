using GenAI.Chats.Client;

namespace GenAI.Chats.Terminal;

/// <summary>What the command line asks for.</summary>
internal sealed record ConsoleArguments
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";
    private const string CaVariable = "GENAI_CHATS_CA_FILE";
    private const string KeyVariable = "GENAI_CHATS_API_KEY";
    private const string DefaultAddress = "127.0.0.1:50051";

    public const string Usage = """
        A chat in the terminal, over a running service (./run starts one).

          ./chat                            talks to a new chat
          ./chat --chat demo                goes on with the chat "demo", or creates it
          ./chat --chat demo Hello there    sends one message, prints the answer, and ends
          echo hi | ./chat --chat demo      the same, with the message from a pipe

          --address HOST:PORT   where the service is; default 127.0.0.1:50051, or GENAI_CHATS_ADDRESS
          --chat ID             the chat; default: a new one
          --ca FILE             whom an https address must have its certificate from; default: whom this machine trusts, or GENAI_CHATS_CA_FILE
          --certificate FILE    the certificate to show, and its key if that is not in a file of its own: --certificate-key FILE
          --model NAME          the model of a new chat; default echo
          --system TEXT         the system instruction of a new chat
          --help                this

        GENAI_CHATS_API_KEY is sent as the metadata x-api-key, if it is set. Commands within a chat: /help.
        """;

    /// <summary>The service's address.</summary>
    public Uri Address { get; private init; } = ToUri(Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } set ? set : DefaultAddress);

    /// <summary>The authorities of the service's certificate. Null: those that the machine trusts.</summary>
    public string? CaFile { get; private init; } = Environment.GetEnvironmentVariable(CaVariable) is { Length: > 0 } ca ? ca : null;

    /// <summary>The certificate to show the service. Null: none.</summary>
    public string? CertificateFile { get; private init; }

    /// <summary>Its private key. Null: in the same file.</summary>
    public string? CertificateKeyFile { get; private init; }

    /// <summary>The chat's id. Null: a new one.</summary>
    public string? ChatId { get; private init; }

    /// <summary>The model of a new chat.</summary>
    public string Model { get; private init; } = "echo";

    /// <summary>The system instruction of a new chat.</summary>
    public string? System { get; private init; }

    /// <summary>The one message to send. Null: none is given here.</summary>
    public string? Message { get; private init; }

    public bool Help { get; private init; }

    /// <summary>Reads a command line.</summary>
    /// <exception cref="ArgumentException">It is wrong; the message says how.</exception>
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
                ['-', '-', ..] unknown => throw new ArgumentException($"{unknown} is no option."),
                var word => parsed with { Message = parsed.Message is null ? word : $"{parsed.Message} {word}" },
            };
        }

        return parsed;
    }

    /// <summary>The client's options. A turn that starts over is shown as such: a person can tell.</summary>
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
        ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");

    private static Uri ToUri(string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            ? uri
            : throw new ArgumentException($"'{address}' is no address; it must be HOST:PORT, or an http or https URI.");
    }
}
