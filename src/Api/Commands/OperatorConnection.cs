using GenAI.Chats.Client;
using GenAI.Chats.Silo.Commands;
using Grpc.Net.Client;

namespace GenAI.Chats.Api.Commands;

/// <summary>The connection of a command to a running server, with an operator's key.</summary>
internal sealed class OperatorConnection : IDisposable
{
    private const string KeyVariable = "GENAI_CHATS_API_KEY";

    // Longer than the server waits for a silo.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly GrpcChannel _channel;
    private readonly V1.Operator.OperatorClient _client;
    private readonly Metadata _headers = [];
    private readonly Uri _address;

    /// <summary>Opens a connection, with the operator's key of the environment.</summary>
    /// <param name="address">The server's address.</param>
    /// <param name="caFile">The CA certificates to trust. If null, the system's.</param>
    /// <exception cref="CommandException">The file is invalid.</exception>
    public OperatorConnection(Uri address, string? caFile)
    {
        _address = address;
        try
        {
            _channel = Channels.Open(new ChatsClientOptions { Address = address, TrustedRootsFile = caFile });
        }
        catch (ArgumentException invalid)
        {
            throw new CommandException(invalid.Message.Replace($"{nameof(ChatsClientOptions)}.{nameof(ChatsClientOptions.TrustedRootsFile)}", "--ca", StringComparison.Ordinal));
        }

        _client = new V1.Operator.OperatorClient(_channel);
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
        {
            _headers.Add("x-api-key", key);
        }
    }

    /// <summary>Calls the server.</summary>
    /// <exception cref="CommandException">The call failed.</exception>
    public async Task<T> CallAsync<T>(Func<V1.Operator.OperatorClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(_client, new CallOptions(_headers, DateTime.UtcNow + Timeout, cancellationToken));
        }
        catch (RpcException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new CommandException(Explain(CallFailure.From(error)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private string Explain(CallFailure failure) => failure switch
    {
        { Reason: "MISSING_CREDENTIALS" or "INVALID_CREDENTIALS" or "EXPIRED_CREDENTIALS" or "OPERATOR_REQUIRED" } =>
            $"{failure.Message} ({failure.Reason}) Set {KeyVariable} to an operator's key.",
        { Reason: { } reason } => $"{failure.Message} ({reason})",
        { Status: StatusCode.Unauthenticated } => $"TLS connection to {_address.Authority} failed: {Cause(failure.Cause).TrimEnd('.')}. To trust a private CA, pass --ca FILE.",
        { Status: StatusCode.Unimplemented } => $"The server at {_address.Authority} is older than this program, or not a server of GenAI Chats.",
        { Status: StatusCode.DeadlineExceeded } => $"The server at {_address.Authority} didn't respond within {Timeout.TotalSeconds} s.",
        { Status: StatusCode.Unavailable or StatusCode.Internal } =>
            $"Can't connect to {_address.Authority}: {Cause(failure.Cause).TrimEnd('.')}. Start the server, or pass --address HOST:PORT, or https://HOST:PORT if it uses TLS.",
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
