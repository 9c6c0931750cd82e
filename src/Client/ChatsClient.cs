using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Client;

/// <summary>
/// A client for the GenAI Chats service. Create it once, use it from any thread, and dispose it when it's no longer needed. Chats stay in the service.
/// </summary>
/// <example>
/// <code>
/// using var chats = new ChatsClient("http://127.0.0.1:50051");
/// var chat = chats.Create("gemini-2.5-flash");
/// Console.WriteLine(chat.SendMessage("Hello!").Text);
/// </code>
/// </example>
public sealed partial class ChatsClient : IDisposable
{
    private readonly ChatsCalls _calls;
    private readonly GrpcChannel? _channel;
    private readonly CallInvoker _invoker;

    /// <summary>Creates a client with the default options.</summary>
    /// <param name="address">The service's gRPC endpoint. If null, <c>http://127.0.0.1:50051</c>.</param>
    public ChatsClient(string? address = null)
        : this(address is null ? new ChatsClientOptions() : new ChatsClientOptions { Address = new Uri(address, UriKind.Absolute) })
    {
    }

    /// <summary>Creates a client with its own connection.</summary>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock. If null, the system's.</param>
    /// <param name="logger">The logger. If null, nothing is logged.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public ChatsClient(ChatsClientOptions options, TimeProvider? time = null, ILogger<ChatsClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _channel = Channels.Open(options);
        _invoker = _channel.CreateCallInvoker();
        _calls = CreateCalls(_invoker, options, time, logger);
    }

    /// <summary>Creates a client that uses a channel, or another call invoker, of the caller.</summary>
    /// <param name="invoker">The call invoker. <see cref="ChatsClientOptions.Address"/> is ignored.</param>
    /// <param name="options">The options. If null, the defaults.</param>
    /// <param name="time">The clock. If null, the system's.</param>
    /// <param name="logger">The logger. If null, nothing is logged.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public ChatsClient(CallInvoker invoker, ChatsClientOptions? options = null, TimeProvider? time = null, ILogger<ChatsClient>? logger = null)
    {
        options ??= new ChatsClientOptions();
        options.Validate();
        _invoker = invoker;
        _calls = CreateCalls(invoker, options, time, logger);
    }

    /// <summary>Gets the connection, for other gRPC services of the server, such as health checks. Its calls aren't retried, and have no credentials.</summary>
    public CallInvoker CallInvoker => _invoker;

    /// <summary>The service's address. Null if the caller made the connection.</summary>
    internal Uri? Address => _channel is null ? null : _calls.Options.Address;

    /// <summary>Creates a chat.</summary>
    /// <param name="model">The model's name, such as <c>gemini-2.5-flash</c>, or <c>echo</c>.</param>
    /// <param name="config">The default config of the chat's turns.</param>
    /// <param name="history">The initial history, with contents of the roles <c>user</c> and <c>model</c>.</param>
    /// <param name="options">The chat's ID, name, labels, and when it expires.</param>
    /// <param name="cancellationToken">A token to cancel the call. The chat might still be created.</param>
    /// <exception cref="ChatException">
    /// The service rejected the request (with ALREADY_EXISTS if a chat with the ID exists), or couldn't be reached.
    /// </exception>
    public async Task<Chat> CreateAsync(
        string model,
        GenerateContentConfig? config = null,
        IEnumerable<Content>? history = null,
        CreateOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var request = new CreateChatRequest
        {
            Model = model,
            Config = config?.Clone(),
            ChatId = options?.ChatId ?? "",
            DisplayName = options?.DisplayName ?? "",
            Ttl = options?.Ttl is { } ttl ? Duration.FromTimeSpan(ttl) : null,
            ExpireTime = options?.ExpireTime is { } expireTime ? Timestamp.FromDateTimeOffset(expireTime) : null,
            RequestId = options?.RequestId ?? RequestIds.New(),
            History = { history ?? [] },
            Labels = { options?.Labels?.ToDictionary() ?? [] },
        };
        var chat = await _calls.CallAsync(
            context => _calls.Stub.CreateChatAsync(request, context), _calls.Options.CallTimeout, request.RequestId, cancellationToken).ConfigureAwait(false);
        return new Chat(_calls, chat.Name);
    }

    /// <summary>Returns an existing chat. This doesn't call the service: if the chat doesn't exist, the first call fails.</summary>
    /// <param name="chatId">The chat's ID, or its name <c>chats/{chat_id}</c>.</param>
    public Chat Open(string chatId)
    {
        ArgumentException.ThrowIfNullOrEmpty(chatId);
        return new Chat(_calls, chatId.StartsWith(Chat.Prefix, StringComparison.Ordinal) ? chatId : Chat.Prefix + chatId);
    }

    /// <summary>Lists chats, with their settings and state but without their configs. The most recently changed chat comes first.</summary>
    /// <param name="filter">Labels that chats must have: <c>labels.KEY = "VALUE"</c>, several joined with <c>AND</c>. If null, all chats are listed.</param>
    /// <param name="cancellationToken">A token to cancel the call.</param>
    public async IAsyncEnumerable<V1.Chat> ListAsync(string? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ListChatsRequest { Filter = filter ?? "" };
        do
        {
            var page = await _calls.CallAsync(
                context => _calls.Stub.ListChatsAsync(request, context), _calls.Options.CallTimeout, null, cancellationToken).ConfigureAwait(false);
            foreach (var chat in page.Chats)
            {
                yield return chat;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <inheritdoc cref="CreateAsync"/>
    public Chat Create(string model, GenerateContentConfig? config = null, IEnumerable<Content>? history = null, CreateOptions? options = null) =>
        CreateAsync(model, config, history, options).GetAwaiter().GetResult();

    /// <inheritdoc cref="ListAsync"/>
    public IEnumerable<V1.Chat> List(string? filter = null) => ListAsync(filter).ToBlockingEnumerable();

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _channel?.Dispose();

    private static ChatsCalls CreateCalls(CallInvoker invoker, ChatsClientOptions options, TimeProvider? time, ILogger? logger) => new(
        new V1.Chats.ChatsClient(invoker.Intercept(new ChatNameHeader())), options, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
}
