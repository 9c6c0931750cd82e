using GenAI.Chats.Client;
using GenAI.Chats.Silo.Commands;

namespace GenAI.Chats.Api.Commands;

/// <summary>The connection of a command to a running server, with an operator's credentials.</summary>
internal sealed class OperatorConnection : IDisposable
{
    // Longer than the server waits for a silo.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ChatsClientOptions _options;
    private readonly ChatsClient _chats;
    private readonly V1.Operator.OperatorClient _client;

    /// <summary>Opens a connection.</summary>
    /// <param name="options">The server's address, the CA certificates to trust, and the operator's credentials.</param>
    /// <exception cref="CommandException">An option is invalid.</exception>
    public OperatorConnection(ChatsClientOptions options)
    {
        _options = options;
        try
        {
            _chats = new ChatsClient(options);
        }
        catch (ArgumentException invalid)
        {
            throw new CommandException(invalid.Message.Replace($"{nameof(ChatsClientOptions)}.{nameof(ChatsClientOptions.TrustedRootsFile)}", "--ca", StringComparison.Ordinal));
        }

        _client = new V1.Operator.OperatorClient(_chats.CallInvoker);
    }

    /// <summary>Calls the server.</summary>
    /// <exception cref="CommandException">The call failed.</exception>
    public async Task<T> CallAsync<T>(Func<V1.Operator.OperatorClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(_client, new CallOptions(await CredentialsAsync(cancellationToken), DateTime.UtcNow + Timeout, cancellationToken));
        }
        catch (RpcException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var failure = ChatException.From(error);
            throw new CommandException(Explain(failure)) { Reason = failure.Reason };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _chats.Dispose();

    private async Task<Metadata> CredentialsAsync(CancellationToken cancellationToken)
    {
        var headers = new Metadata();
        if (_options.ApiKey is { } key)
        {
            headers.Add("x-api-key", key);
        }

        if (_options.AccessToken is { } token)
        {
            headers.Add("authorization", $"Bearer {await token(cancellationToken)}");
        }

        return headers;
    }

    private string Explain(ChatException failure) => failure switch
    {
        { Reason: "MISSING_CREDENTIALS" or "INVALID_CREDENTIALS" or "EXPIRED_CREDENTIALS" or "OPERATOR_REQUIRED" } =>
            $"{failure.Message} ({failure.Reason}) Set GENAI_CHATS_API_KEY to an operator's key, or GENAI_CHATS_ACCESS_TOKEN to an operator's token.",
        { Reason: { } reason } => $"{failure.Message} ({reason})",
        { Status: StatusCode.Unauthenticated } => $"TLS connection to {_options.Address.Authority} failed: {Cause(failure.InnerException).TrimEnd('.')}. To trust a private CA, pass --ca FILE.",
        { Status: StatusCode.Unimplemented } => $"The server at {_options.Address.Authority} is older than this program, or not a server of GenAI Chats.",
        { Status: StatusCode.DeadlineExceeded } => $"The server at {_options.Address.Authority} didn't respond within {Timeout.TotalSeconds} s.",
        { Status: StatusCode.Unavailable or StatusCode.Internal } =>
            $"Can't connect to {_options.Address.Authority}: {Cause(failure.InnerException).TrimEnd('.')}. Start the server, or pass --address HOST:PORT, or https://HOST:PORT if it uses TLS.",
        _ => $"{failure.Status}: {failure.Message}",
    };

    // The innermost exception is the socket's or the resolver's.
    private static string Cause(Exception? failure)
    {
        var cause = (failure as RpcException)?.Status.DebugException ?? failure;
        while (cause?.InnerException is { } inner)
        {
            cause = inner;
        }

        return (cause?.Message ?? "unknown error").ReplaceLineEndings(" ");
    }
}
