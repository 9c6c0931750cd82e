using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Grains;
using GenAI.Chats.Grains.Engine;
using GenAI.Chats.V1;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace GenAI.Chats.Api.Tests.Services;

/// <summary>The service over a cluster that is scripted: what a real one does only at the wrong moment.</summary>
public sealed class ChatsServiceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_CallerGoesWhileTheTurnIsAccepted_TurnIsCancelledIfItAskedForThat(bool stream)
    {
        using var caller = new CancellationTokenSource();
        var accepted = new TaskCompletionSource<AcceptedTurn>();
        var cancelled = false;
        var service = Service(method =>
        {
            switch (method)
            {
                case nameof(IChatGrain.SendAsync):
                    return new ValueTask<AcceptedTurn>(accepted.Task);
                case nameof(IChatGrain.CancelTurnAsync):
                    cancelled = true;
                    return Task.FromResult(new Turn().AsImmutable());
                default:
                    return new ValueTask<TurnEvents>(new TaskCompletionSource<TurnEvents>().Task);
            }
        });
        var request = new SendMessageRequest { Name = "chats/a", Text = "hi", OnDisconnect = DisconnectPolicy.Cancel };
        var context = new CallContext(caller.Token);

        var call = stream ? service.SendMessageStream(request, null!, context) : service.SendMessage(request, context);
        await caller.CancelAsync();
        accepted.SetResult(new AcceptedTurn("turn", "request"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(cancelled);
    }

    [Fact]
    public async Task ListChats_SiloIsGoneForAMoment_IsAskedAgain()
    {
        var calls = 0;
        var listed = new ListChatsResponse { NextPageToken = "next" };
        var service = Service(_ => ++calls == 1
            ? Task.FromException<Immutable<ListChatsResponse>>(new TimeoutException())
            : Task.FromResult(listed.AsImmutable()));

        var reply = await service.ListChats(new ListChatsRequest(), new CallContext(CancellationToken.None));

        Assert.Equal((listed, 2), (reply, calls));
    }

    private static ChatsService Service(Func<string, object> answer)
    {
        var chats = new ChatCaller(ScriptedGrains.Of(answer), TimeProvider.System);
        return new ChatsService(chats, new TurnFeeds(chats), new RequestRules(Options.Create(new ChatsOptions())));
    }
}
