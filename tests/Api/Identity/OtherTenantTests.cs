using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>A chat of another tenant is, for all that can be called, a chat that there is not.</summary>
public sealed class OtherTenantTests(TenantsServer server) : ApiTest(server), IClassFixture<TenantsServer>
{
    private static readonly Dictionary<string, Func<V1.Chats.ChatsClient, Stolen, Metadata, Task>> Calls = new()
    {
        ["GetChat"] = (c, s, h) => c.GetChatAsync(new GetChatRequest { Name = s.Name }, h).ResponseAsync,
        ["UpdateChat"] = (c, s, h) => c.UpdateChatAsync(
            new UpdateChatRequest { Chat = new Chat { Name = s.Name, DisplayName = "mine" }, UpdateMask = new() { Paths = { "display_name" } } }, h).ResponseAsync,
        ["DeleteChat"] = (c, s, h) => c.DeleteChatAsync(new DeleteChatRequest { Name = s.Name }, h).ResponseAsync,
        ["SendMessage"] = (c, s, h) => c.SendMessageAsync(new SendMessageRequest { Name = s.Name, Text = "hi", RequestId = s.RequestId }, h).ResponseAsync,
        ["SendMessage, busy"] = (c, s, h) => c.SendMessageAsync(
            new SendMessageRequest { Name = s.Name, Text = "hi", OnBusy = BusyPolicy.Reject, ExpectedRevision = 7 }, h).ResponseAsync,
        ["SendMessageStream"] = (c, s, h) => ReadAsync(c.SendMessageStream(new SendMessageRequest { Name = s.Name, Text = "hi", RequestId = s.RequestId }, h)),
        ["ReadTurn"] = (c, s, h) => ReadAsync(c.ReadTurn(new ReadTurnRequest { Name = s.Name, TurnId = s.TurnId }, h)),
        ["GetTurn"] = (c, s, h) => c.GetTurnAsync(new GetTurnRequest { Name = s.Name, TurnId = s.TurnId }, h).ResponseAsync,
        ["CancelTurn"] = (c, s, h) => c.CancelTurnAsync(new CancelTurnRequest { Name = s.Name, TurnId = s.TurnId }, h).ResponseAsync,
        ["GetHistory"] = (c, s, h) => c.GetHistoryAsync(new GetHistoryRequest { Name = s.Name }, h).ResponseAsync,
        ["GetHistory, page"] = (c, s, h) => c.GetHistoryAsync(new GetHistoryRequest { Name = s.Name, PageToken = s.HistoryToken }, h).ResponseAsync,
        ["ListChats, page"] = (c, s, h) => c.ListChatsAsync(new ListChatsRequest { PageToken = s.ListToken }, h).ResponseAsync,
        ["RecordHistory"] = (c, s, h) => c.RecordHistoryAsync(
            new RecordHistoryRequest { Name = s.Name, UserInput = Notation.Parse("u[a]"), RequestId = s.RequestId }, h).ResponseAsync,
        ["SendMessage, edit"] = (c, s, h) => c.SendMessageAsync(new SendMessageRequest { Name = s.Name, Text = "hi", AfterRevision = 0 }, h).ResponseAsync,
        ["SendMessage, regenerate"] = (c, s, h) => c.SendMessageAsync(new SendMessageRequest { Name = s.Name, RegenerateTurnId = s.TurnId }, h).ResponseAsync,
        ["ListTurns"] = (c, s, h) => c.ListTurnsAsync(new ListTurnsRequest { Name = s.Name, AllBranches = true, View = TurnView.Full }, h).ResponseAsync,
        ["RewindChat"] = (c, s, h) => c.RewindChatAsync(new RewindChatRequest { Name = s.Name }, h).ResponseAsync,
        ["ForkChat"] = (c, s, h) => c.ForkChatAsync(new ForkChatRequest { Name = s.Name }, h).ResponseAsync,
        ["WatchChat"] = (c, s, h) => c.WatchChat(new WatchChatRequest { Name = s.Name }, h).ResponseStream.MoveNext(CancellationToken.None),
    };

    public static TheoryData<string> Methods => [.. Calls.Keys];

    private Metadata Alpha => server.As(TenantsServer.Alpha);

    private Metadata Beta => server.As(TenantsServer.Beta);

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Call_AboutAnothersChat_FailsAsIfItDidNotExist(string method)
    {
        var stolen = await ChatOfAlphaAsync();
        var before = await StateAsync(stolen);

        var another = await FailAsync(method, stolen);
        var none = await FailAsync(method, stolen with { Name = "chats/none" });

        Assert.NotEqual(StatusCode.Internal, another.Code);
        Assert.Equal(none.ToString(), another.ToString().Replace(stolen.Name, "chats/none", StringComparison.Ordinal));
        Assert.Equal(before, await StateAsync(stolen));
    }

    [Fact]
    public void Calls_EveryMethodOfTheContract_IsThere() => Assert.Equal(
        V1.Chats.Descriptor.Methods.Select(m => m.Name).Order(StringComparer.Ordinal),
        Calls.Keys.Select(k => k.Split(',')[0]).Append("CreateChat").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task CreateChat_WithAnothersId_IsAChatOfItsOwn()
    {
        var stolen = await ChatOfAlphaAsync();
        var before = await StateAsync(stolen);
        var request = new CreateChatRequest { Model = "echo", ChatId = stolen.Name["chats/".Length..], DisplayName = "beta's", RequestId = stolen.RequestId };

        await Client.CreateChatAsync(request, Beta);
        await Client.SendMessageAsync(new SendMessageRequest { Name = stolen.Name, Text = "of beta", RequestId = stolen.RequestId }, Beta);
        var notFound = await FailAsync("GetTurn", stolen);

        Assert.Equal("TURN_NOT_FOUND", notFound.Reason);
        Assert.Equal(["u[of beta]", "m[of beta]"], Notation.Of((await Client.GetHistoryAsync(new GetHistoryRequest { Name = stolen.Name }, Beta)).History));
        Assert.Equal(before, await StateAsync(stolen));

        await Client.DeleteChatAsync(new DeleteChatRequest { Name = stolen.Name }, Beta);
        Assert.Equal(before, await StateAsync(stolen));
    }

    [Fact]
    public async Task CreateChat_WithAnothersRequestId_IsAChatOfItsOwn()
    {
        var request = new CreateChatRequest { Model = "echo", RequestId = Guid.NewGuid().ToString("N") };

        var (alpha, beta) = (await Client.CreateChatAsync(request, Alpha), await Client.CreateChatAsync(request, Beta));

        Assert.NotEqual(alpha.Name, beta.Name);
        Assert.Equal(alpha, await Client.CreateChatAsync(request, Alpha));
    }

    [Fact]
    public async Task ReadTurn_WhileAnotherTenantFollowsATurnOfThatName_GetsNothingOfIt()
    {
        var stolen = await ChatOfAlphaAsync();
        var slow = new SendMessageRequest { Name = stolen.Name, Text = "a b", Config = new() { Labels = { ["echo-delay-ms"] = "60000" } } };
        using var sent = Client.SendMessageStream(slow, Alpha);
        var turnId = (await sent.NextAsync()).Started.TurnId;
        using var followed = Client.ReadTurn(new ReadTurnRequest { Name = stolen.Name, TurnId = turnId }, Alpha);
        await followed.NextAsync();

        var failure = await FailAsync("ReadTurn", stolen with { TurnId = turnId });
        var cancel = await FailAsync("CancelTurn", stolen with { TurnId = turnId });

        Assert.Equal(("CHAT_NOT_FOUND", "CHAT_NOT_FOUND"), (failure.Reason, cancel.Reason));
        Assert.Equal(Turn.Types.State.Running, (await Client.GetTurnAsync(new GetTurnRequest { Name = stolen.Name, TurnId = turnId }, Alpha)).State);
        await Client.CancelTurnAsync(new CancelTurnRequest { Name = stolen.Name, TurnId = turnId }, Alpha);
    }

    [Fact]
    public async Task Calls_AboutAnothersChats_LeaveNothingInMemory()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync());
        var tenants = (TenantsServer)own.Value;
        var grains = tenants.App.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        var chat = await tenants.Client.CreateChatAsync(new CreateChatRequest { Model = "echo" }, tenants.As(TenantsServer.Alpha));
        var stolen = new Stolen(chat.Name, "turn", "request", "AAAA", "AAAA");
        var before = await grains.GetTotalActivationCount();

        foreach (var call in Calls.Where(call => call.Key != "ListChats, page"))
        {
            await Failure.OfAsync(() => call.Value(tenants.Client, stolen, tenants.As(TenantsServer.Beta)));
        }

        // They end by themselves, after they have answered.
        await EndedAsync().InTime();

        async Task EndedAsync()
        {
            while (await grains.GetTotalActivationCount() > before)
            {
                await Task.Yield();
            }
        }
    }

    private async Task<Failure> FailAsync(string method, Stolen stolen) => await Failure.OfAsync(() => Calls[method](Client, stolen, Beta));

    // A chat with a turn, and all that is known of it from its owner's answers.
    private async Task<Stolen> ChatOfAlphaAsync()
    {
        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = "echo" }, Alpha);
        await Client.CreateChatAsync(new CreateChatRequest { Model = "echo" }, Alpha);
        var requestId = Guid.NewGuid().ToString("N");
        var sent = await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "hi", RequestId = requestId }, Alpha);
        var page = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageSize = 1 }, Alpha);
        var list = await Client.ListChatsAsync(new ListChatsRequest { PageSize = 1 }, Alpha);
        return new Stolen(chat.Name, sent.Turn.TurnId, requestId, page.NextPageToken, list.NextPageToken);
    }

    private async Task<string> StateAsync(Stolen stolen) =>
        $"{await Client.GetChatAsync(new GetChatRequest { Name = stolen.Name }, Alpha)} {await Client.GetHistoryAsync(new GetHistoryRequest { Name = stolen.Name }, Alpha)}";

    private static async Task ReadAsync(AsyncServerStreamingCall<TurnEvent> call)
    {
        using (call)
        {
            await call.ToListAsync();
        }
    }

    private sealed record Stolen(string Name, string TurnId, string RequestId, string HistoryToken, string ListToken);
}
