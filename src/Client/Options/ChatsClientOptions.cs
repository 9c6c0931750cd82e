namespace GenAI.Chats.Client;

/// <summary>Where the service is, and how patient the client is with it.</summary>
public sealed record ChatsClientOptions
{
    /// <summary>The service's gRPC endpoint. Default <c>http://127.0.0.1:50051</c>, where <c>./run</c> listens.</summary>
    public Uri Address { get; init; } = new("http://127.0.0.1:50051");

    /// <summary>
    /// Sent with each call as the metadata <c>x-api-key</c>. Default none. Anyone on the way can read it unless the address is https. The service takes a key or a
    /// token, not both.
    /// </summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Asked before each call for a token, which is sent as the metadata <c>authorization: Bearer TOKEN</c>. It should keep a token while that is
    /// valid. Default none.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? AccessToken { get; init; }

    /// <summary>
    /// A PEM file with the authorities that the service's certificate may be of, where the address is https. Default: those that this machine trusts.
    /// </summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>A PEM file with the certificate that the client shows the service. Read for each connection, so that it may be renewed. Default none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>The private key of <see cref="ClientCertificateFile"/>, a PEM file without a passphrase. Default: it is in the same file.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>
    /// How long a send may take in all: waiting in the chat's queue, every attempt, every pause between them. Then
    /// <see cref="ChatTimeoutException"/>. <see cref="Timeout.InfiniteTimeSpan"/>: no limit. Default 10 minutes.
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long any other call may take in all. <see cref="Timeout.InfiniteTimeSpan"/>: no limit. Default 1 minute.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the client pauses between attempts, all pauses together, before it takes a failure for one that stays. It starts anew with each event of a turn
    /// that comes. A pause that the service asks for and that would go beyond it is not waited for. <see cref="TimeSpan.Zero"/>: nothing is retried.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: as long as the other timeouts allow. Default 1 minute.
    /// </summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The first pause between two attempts; each further one is twice as long. Pauses vary by half, so that clients do not move in step. Default 100 ms.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between two attempts, where the service asks for none. Default 5 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a turn is sent again that failed without leaving anything, because the model was overloaded or asked for a pause. Default 3.
    /// </summary>
    public int MaxTurnRetries { get; init; } = 3;

    /// <summary>What becomes of a stream whose turn started over and answers differently. Default <see cref="TurnRestartPolicy.Throw"/>.</summary>
    public TurnRestartPolicy OnTurnRestart { get; init; } = TurnRestartPolicy.Throw;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">One is out of its range; the message names it, its value and the rule.</exception>
    public void Validate()
    {
        Check(nameof(Address), Address, Address is { IsAbsoluteUri: true, Scheme: "http" or "https" }, "an absolute URI with the scheme http or https");
        Check(nameof(ApiKey), "set", ApiKey is null || IsHeaderValue(ApiKey), "printable ASCII, and not empty");
        Check(nameof(ClientKeyFile), ClientKeyFile, ClientKeyFile is null || ClientCertificateFile is not null, "unset where ClientCertificateFile is");
        Check(nameof(SendTimeout), SendTimeout, IsTimeout(SendTimeout), TimeoutRule);
        Check(nameof(CallTimeout), CallTimeout, IsTimeout(CallTimeout), TimeoutRule);
        Check(nameof(RetryTimeout), RetryTimeout, RetryTimeout == TimeSpan.Zero || IsTimeout(RetryTimeout), "zero, or " + TimeoutRule);
        Check(nameof(InitialBackoff), InitialBackoff, InitialBackoff > TimeSpan.Zero && InitialBackoff <= MaxBackoff, "more than zero, and at most MaxBackoff");
        Check(nameof(MaxBackoff), MaxBackoff, MaxBackoff <= LongestTimeout, $"at most {LongestTimeout}");
        Check(nameof(MaxTurnRetries), MaxTurnRetries, MaxTurnRetries is >= 0 and <= 100, "between 0 and 100");
        Check(nameof(OnTurnRestart), OnTurnRestart, Enum.IsDefined(OnTurnRestart), "a policy of TurnRestartPolicy");
    }

    internal static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    internal const string TimeoutRule = "more than zero and at most 24 days, or Timeout.InfiniteTimeSpan";

    internal static bool IsTimeout(TimeSpan value) =>
        value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value <= LongestTimeout);

    internal static void Check(string key, object? value, bool holds, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{nameof(ChatsClientOptions)}.{key} is {value}; it must be {rule}.", key);
        }
    }

    private static bool IsHeaderValue(string value) => value.Length > 0 && value.All(c => c is >= ' ' and <= '~');

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(ChatsClientOptions)} for {Address}";
}
