using System.Runtime.CompilerServices;
using GenAI.Chats.Client.Calls;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Client;

/// <summary>
/// The way to a service's chats. It is made once, used from any thread, and disposed of when the program is done with it; the chats live on in the service.
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
    private const string Prefix = "chats/";

    private readonly ChatsCalls _calls;
    private readonly GrpcChannel? _channel;

    /// <summary>A client with the default options.</summary>
    /// <param name="address">The service's gRPC endpoint, such as <c>http://127.0.0.1:50051</c>. Null: that one.</param>
    public ChatsClient(string? address = null)
        : this(address is null ? new ChatsClientOptions() : new ChatsClientOptions { Address = new Uri(address, UriKind.Absolute) })
    {
    }

    /// <summary>A client with a connection of its own.</summary>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock. Null: the system's.</param>
    /// <param name="logger">Hears of attempts that failed. Null: nobody does.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ChatsClient(ChatsClientOptions options, TimeProvider? time = null, ILogger<ChatsClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var channel = Channels.Open(options);
        _channel = channel;
        _calls = new ChatsCalls(new V1.Chats.ChatsClient(channel.Intercept(new ChatNameHeader())), options, time ?? TimeProvider.System, logger ?? NullLogger<ChatsClient>.Instance);
    }

    /// <summary>A client over a channel, or whatever else makes calls, that the caller owns.</summary>
    /// <param name="invoker">Makes the calls. <see cref="ChatsClientOptions.Address"/> does not matter then.</param>
    /// <param name="options">The options. Null: the default ones.</param>
    /// <param name="time">The clock. Null: the system's.</param>
    /// <param name="logger">Hears of attempts that failed. Null: nobody does.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ChatsClient(CallInvoker invoker, ChatsClientOptions? options = null, TimeProvider? time = null, ILogger<ChatsClient>? logger = null)
    {
        options ??= new ChatsClientOptions();
        options.Validate();
        _calls = new ChatsCalls(new V1.Chats.ChatsClient(invoker.Intercept(new ChatNameHeader())), options, time ?? TimeProvider.System, logger ?? NullLogger<ChatsClient>.Instance);
    }

    /// <summary>Creates a chat.</summary>
    /// <param name="model">The model's name, such as <c>gemini-2.5-flash</c>, or <c>echo</c>.</param>
    /// <param name="config">The default for each send.</param>
    /// <param name="history">Contents that the chat begins with, of the roles <c>user</c> and <c>model</c>.</param>
    /// <param name="options">Its id, name and labels.</param>
    /// <param name="cancellationToken">Ends the wait; the chat may have been created even so.</param>
    /// <exception cref="ChatException">The service refuses, with ALREADY_EXISTS where the id is taken, or could not be reached.</exception>
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
            RequestId = options?.RequestId ?? RequestIds.New(),
        };
        request.History.Add(history ?? []);
        foreach (var (key, value) in options?.Labels ?? new Dictionary<string, string>())
        {
            request.Labels.Add(key, value);
        }

        var chat = await _calls.CallAsync(
            context => _calls.Stub.CreateChatAsync(request, context), _calls.Options.CallTimeout, request.RequestId, cancellationToken).ConfigureAwait(false);
        return new Chat(_calls, chat.Name);
    }

    /// <summary>A chat that is there already. Nothing is asked of the service: whether it is there shows with the first call.</summary>
    /// <param name="chatId">The chat's id, or its name <c>chats/{chat_id}</c>.</param>
    public Chat Open(string chatId)
    {
        ArgumentException.ThrowIfNullOrEmpty(chatId);
        return new Chat(_calls, chatId.StartsWith(Prefix, StringComparison.Ordinal) ? chatId : Prefix + chatId);
    }

    /// <summary>The chats' settings and state, without their configs, the one that changed last first.</summary>
    /// <param name="filter">Equality of labels: <c>labels.KEY = "VALUE"</c>, several with <c>AND</c>. Null: all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
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
        CreateAsync(model, config, history, options).Result();

    /// <inheritdoc cref="ListAsync"/>
    public IEnumerable<V1.Chat> List(string? filter = null) => ListAsync(filter).Enumerate();

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _channel?.Dispose();
}
