using static GenAI.Chats.V1.ListTenantChatsRequest.Types;

namespace GenAI.Chats.Engine.Operators;

/// <summary>Reads chats of all tenants from the store, for operators. It returns no contents.</summary>
public sealed class TenantChats
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 1000;
    private const int MaxRecentTurns = 20;

    // Ended turns are read with their contents.
    private const long MaxRecentBytes = 1 << 20;

    private const int ChatsPerRead = 250;
    private const int TenantsPerRead = 100;
    private const int ReadsPerPage = 100;
    private const int ConcurrentReads = 8;

    private readonly StoreReader _store;
    private readonly IOperatorStore _tenants;

    internal TenantChats(StoreReader store, IOperatorStore tenants) => (_store, _tenants) = (store, tenants);

    /// <summary>Returns the page that a request asks for.</summary>
    /// <exception cref="ChatException">The page token is invalid, the store can't list tenants, or it failed.</exception>
    public async Task<ListTenantChatsResponse> ListAsync(ListTenantChatsRequest request, CancellationToken cancellationToken)
    {
        var size = request.PageSize == 0 ? DefaultPageSize : Math.Min(request.PageSize, MaxPageSize);
        var page = new TenantChatPage(request, size);
        await (request.Activity is Activity.Busy or Activity.Queued or Activity.Running ? FillBusyAsync(page, cancellationToken) : FillAsync(page, cancellationToken));
        return page.Response;
    }

    /// <summary>Returns a chat with its pending turns and its last ended turns.</summary>
    /// <exception cref="ChatException">There is no such chat, or the store failed.</exception>
    public async Task<TenantChat> GetAsync(ChatKey key, CancellationToken cancellationToken)
    {
        var range = new LogRange(0, MaxRecentTurns, MaxRecentBytes) { Scope = LogScope.Whole, NewestFirst = true };
        if (await _store.ReadAsync(s => s.LoadAsync(key, cancellationToken)) is not { } chat
            || await _store.ReadAsync(s => s.ReadLogAsync(key, range with { Incarnation = chat.Chat.Incarnation }, cancellationToken)) is not { } log)
        {
            throw ChatErrors.ChatNotFound(key.ChatId);
        }

        var view = View(chat);

        // The log also has the initial history, and changes of the head.
        view.RecentTurns.Add(log.Turns.Where(static turn => turn is { TurnId.Length: > 0, IsPending: false, Input.Move: null }).Select(Views.Turn));
        return view;
    }

    // By tenant, from the newest change. A page ends after a number of reads: many tenants might have no such chats.
    private async Task FillAsync(TenantChatPage page, CancellationToken cancellationToken)
    {
        var request = page.Request;
        var (tenant, after) = page.Start();
        var tenants = new Queue<string>(tenant is null ? [] : [tenant]);
        for (var reads = 0; ; reads++)
        {
            if (tenants.Count == 0)
            {
                IReadOnlyList<string> found = request.Tenant.Length > 0 ? tenant is null ? [request.Tenant] : []
                    : await _store.ReadAsync(_ => _tenants.ListTenantsAsync(tenant ?? "", TenantsPerRead, cancellationToken)) ?? throw ChatErrors.TenantRequired();
                if (found.Count == 0)
                {
                    return;
                }

                tenants = new Queue<string>(found);
            }

            tenant = tenants.Peek();
            after ??= request.ChangedBefore is { } before ? new ChatListPosition(before.ToDateTimeOffset(), "") : (ChatListPosition?)null;
            if (reads == ReadsPerPage)
            {
                page.EndAfter(tenant, after);
                return;
            }

            var query = new ChatListQuery(tenant, [], Math.Clamp(page.Space, 1, ChatsPerRead), after);
            var chats = await _store.ReadAsync(s => s.ListAsync(query, cancellationToken));
            foreach (var chat in chats.Chats)
            {
                if ((request.Activity is not Activity.Idle || chat.Pending.Count == 0) && !page.TryAdd(View(chat)))
                {
                    page.EndAfter(tenant, after);
                    return;
                }

                after = new ChatListPosition(chat.Chat.UpdateTime, chat.Chat.Key.ChatId);
            }

            after = chats.Next;
            if (after is null)
            {
                tenants.Dequeue();
            }
        }
    }

    private async Task FillBusyAsync(TenantChatPage page, CancellationToken cancellationToken)
    {
        var request = page.Request;
        var query = new BusyQuery(
            page.Space + 1,
            request.Tenant.Length > 0 ? request.Tenant : null,
            request.Activity is Activity.Busy ? null : request.Activity is Activity.Running,
            request.ChangedBefore?.ToDateTimeOffset(),
            page.StartBusy());
        var after = query.After;
        var found = await _store.ReadAsync(_ => _tenants.ListBusyAsync(query, cancellationToken));
        foreach (var some in found.Chunk(ConcurrentReads))
        {
            var chats = await Task.WhenAll(some.Select(busy => _store.ReadAsync(s => s.LoadAsync(busy.Key, cancellationToken))));
            for (var i = 0; i < some.Length; i++)
            {
                // Its turns might have ended since.
                if (chats[i] is { Pending.Count: > 0 } chat && !page.TryAdd(View(chat)))
                {
                    page.EndAfter(after!.Value);
                    return;
                }

                after = some[i];
            }
        }

        if (found.Count == query.MaxChats)
        {
            page.EndAfter(after!.Value);
        }
    }

    private static TenantChat View(ChatSnapshot snapshot)
    {
        var chat = Views.Chat(snapshot);
        chat.Config = null;
        return new TenantChat
        {
            Tenant = snapshot.Chat.Key.Tenant,
            Chat = chat,
            Abandoned = snapshot.IsAbandoned,
            StoredBytes = snapshot.Chat.StoredBytes,
            PendingTurns =
            {
                snapshot.Pending.Select(static turn => new PendingTurn
                {
                    Turn = Views.Turn(turn),
                    Owner = turn.Owner ?? "",
                    Stopping = turn.Stop is not TurnStop.None,
                    UsedAttempts = turn.UsedAttempts,
                }),
            },
        };
    }
}
