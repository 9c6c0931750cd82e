using System.Diagnostics.CodeAnalysis;

namespace GenAI.Chats.Client;

/// <summary>Options of the client: the address of the service, credentials, time limits, and retries.</summary>
public sealed record ChatsClientOptions
{
    private const string AddressVariable = "GENAI_CHATS_ADDRESS";

    /// <summary>The service's gRPC endpoint. Default <c>http://127.0.0.1:50051</c>, where <c>./run</c> listens.</summary>
    public Uri Address { get; init; } = new("http://127.0.0.1:50051");

    /// <summary>
    /// The API key, sent with each call as the metadata <c>x-api-key</c>. Use it with an https address: otherwise it's sent unencrypted. The service accepts an
    /// API key or a token, not both. Default: none.
    /// </summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Returns the token for a call, which is sent as the metadata <c>authorization: Bearer TOKEN</c>. Called before each call, so it should cache the token
    /// while it's valid. Default: none.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? AccessToken { get; init; }

    /// <summary>A PEM file with the CA certificates to trust, for https addresses. Default: the system's trust store.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>A PEM file with the client certificate. Read for each connection, so it can be renewed. Default: none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>A PEM file with the private key of <see cref="ClientCertificateFile"/>, without a passphrase. Default: the same file.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>
    /// The time limit for sending a message, including the time in the chat's queue, all attempts, and the pauses between them. When it's reached, the call
    /// fails with <see cref="ChatTimeoutException"/>. <see cref="Timeout.InfiniteTimeSpan"/>: no limit. Default 10 minutes.
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The time limit of all other calls, including retries. <see cref="Timeout.InfiniteTimeSpan"/>: no limit. Default 1 minute.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The limit of all pauses between attempts together, after which a failure is final. Each event of a turn resets it. If the service asks for a delay that
    /// exceeds the limit, the call fails at once. <see cref="TimeSpan.Zero"/>: no retries. <see cref="Timeout.InfiniteTimeSpan"/>: no limit. Default 1 minute.
    /// </summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The first pause between attempts. Each following pause is twice as long. Pauses have a random jitter of up to one half. Default 100 ms.
    /// </summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between attempts, unless the service asks for a longer one. Default 5 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a message is sent again if its turn failed and left nothing in the chat, because the model was overloaded or asked for a delay. Default 3.
    /// </summary>
    public int MaxTurnRetries { get; init; } = 3;

    /// <summary>What a stream does if its turn is restarted. Default <see cref="TurnRestartPolicy.Throw"/>.</summary>
    public TurnRestartPolicy OnTurnRestart { get; init; } = TurnRestartPolicy.Throw;

    /// <summary>
    /// Returns options with the connection that the environment selects: the address of <c>GENAI_CHATS_ADDRESS</c>, the CA certificates of
    /// <c>GENAI_CHATS_CA_FILE</c>, and the API key of <c>GENAI_CHATS_API_KEY</c>, or, without a key, the token of <c>GENAI_CHATS_ACCESS_TOKEN</c>. The service's
    /// command-line programs use the same variables.
    /// </summary>
    /// <exception cref="ArgumentException">The address is invalid.</exception>
    public static ChatsClientOptions FromEnvironment()
    {
        var defaults = new ChatsClientOptions();
        var (address, key, token) = (Variable(AddressVariable), Variable("GENAI_CHATS_API_KEY"), Variable("GENAI_CHATS_ACCESS_TOKEN"));
        return defaults with
        {
            Address = address is null ? defaults.Address
                : TryParseAddress(address, out var uri) ? uri
                : throw new ArgumentException($"Invalid value '{address}' for {AddressVariable}. Expected: HOST:PORT, or an http or https URL."),
            TrustedRootsFile = Variable("GENAI_CHATS_CA_FILE"),
            ApiKey = key,
            AccessToken = key is null && token is not null ? _ => ValueTask.FromResult(token) : null,
        };
    }

    /// <summary>Parses an address as the command-line programs accept it.</summary>
    /// <param name="address"><c>HOST:PORT</c>, or an http or https URL.</param>
    /// <param name="uri">The URL.</param>
    /// <returns>Whether the address is valid.</returns>
    public static bool TryParseAddress(string address, [NotNullWhen(true)] out Uri? uri)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}", UriKind.Absolute, out uri) && uri.Scheme is "http" or "https";
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is invalid. The message names the option, its value, and the rule.</exception>
    public void Validate()
    {
        Check(nameof(Address), Address, Address is { IsAbsoluteUri: true, Scheme: "http" or "https" }, "an absolute URI with the scheme http or https");
        Check(nameof(ApiKey), "(hidden)", ApiKey is null || IsHeaderValue(ApiKey), "printable ASCII characters");
        Check(nameof(ClientKeyFile), ClientKeyFile, ClientKeyFile is null || ClientCertificateFile is not null, "null, unless ClientCertificateFile is set");
        Check(nameof(SendTimeout), SendTimeout, OptionCheck.IsTimeout(SendTimeout), OptionCheck.TimeoutRule);
        Check(nameof(CallTimeout), CallTimeout, OptionCheck.IsTimeout(CallTimeout), OptionCheck.TimeoutRule);
        Check(nameof(RetryTimeout), RetryTimeout, RetryTimeout == TimeSpan.Zero || OptionCheck.IsTimeout(RetryTimeout), "zero, or " + OptionCheck.TimeoutRule);
        Check(nameof(InitialBackoff), InitialBackoff, InitialBackoff > TimeSpan.Zero && InitialBackoff <= MaxBackoff, "more than zero and at most MaxBackoff");
        Check(nameof(MaxBackoff), MaxBackoff, MaxBackoff <= OptionCheck.LongestTimeout, $"at most {OptionCheck.LongestTimeout}");
        Check(nameof(MaxTurnRetries), MaxTurnRetries, MaxTurnRetries is >= 0 and <= 100, "between 0 and 100");
        Check(nameof(OnTurnRestart), OnTurnRestart, Enum.IsDefined(OnTurnRestart), "one of Throw, Signal, Buffer");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(ChatsClientOptions)} for {Address}";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static bool IsHeaderValue(string value) => value.Length > 0 && value.All(c => c is >= ' ' and <= '~');

    private static void Check(string key, object? value, bool isValid, string rule) =>
        OptionCheck.Require(isValid, nameof(ChatsClientOptions), key, value, rule);
}
