using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Far more chats at once than the model's API takes.</summary>
public sealed class CrowdTests
{
    private const int Chats = 500;
    private const int AtOnce = 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendMessageStream_ModelAllowsTenAtOnce_AllAreAnswered(bool limitIsKnown)
    {
        string[] limit = limitIsKnown ? [$"--Models:Routes:2:Limits:MaxConcurrentCalls={AtOnce}"] : [];
        await using var server = new DisposableServer(await TestServer.StartAsync(
            ["--Models:Routes:2:Retry:MaxAttempts=5", "--Models:Routes:2:Retry:BaseDelay=00:00:00.020", .. limit]));
        var model = new LimitedModel(refuses: !limitIsKnown);
        server.Value.Gemini.Always(model.TryEnter, model.Reply());
        server.Value.Gemini.Always(_ => true, ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", "Too many at once.", "0.05s"));
        var chats = new List<TestChat>();
        for (var i = 0; i < Chats; i++)
        {
            chats.Add(await server.Value.NewChatAsync());
        }

        var turns = await Task.WhenAll(chats.Select(async chat =>
        {
            using var call = chat.Stream("hi");
            return (await call.ToListAsync())[^1].Ended;
        }));

        Assert.All(turns, turn => Assert.Equal(Turn.Types.State.Completed, turn.State));
        Assert.Equal(Chats, model.Answered);
        var perChat = server.Value.Gemini.Requests.CountBy(request => request.Path).Select(chat => chat.Value).ToList();
        Assert.Equal(Chats, perChat.Count);
        Assert.InRange(perChat.Max(), 1, 5);
        if (limitIsKnown)
        {
            Assert.Equal(0, model.Refused);
        }
        else
        {
            // The first wave at most, and what finds out from time to time whether more are taken by now.
            Assert.InRange(model.Refused, 1, 2 * Chats);
        }
    }

    /// <summary>Takes ten at once. The first ten are held until they are ten, or another was refused, so that there is a crowd.</summary>
    private sealed class LimitedModel(bool refuses)
    {
        private readonly Lock _lock = new();
        private readonly Gate _crowd = new();
        private int _inside;

        public int Answered { get; private set; }

        public int Refused { get; private set; }

        public bool TryEnter(RecordedRequest request)
        {
            lock (_lock)
            {
                var enters = _inside < AtOnce;
                _inside += enters ? 1 : 0;
                Refused += enters ? 0 : 1;
                if (refuses ? Refused > 0 : _inside == AtOnce)
                {
                    _crowd.Open();
                }

                return enters;
            }
        }

        public ScriptedReply Reply() => ScriptedReply.Stream().WaitSilentlyFor(_crowd).Do(Leave).Event(GeminiJson.Text("ok", "STOP"));

        private void Leave()
        {
            lock (_lock)
            {
                _inside--;
                Answered++;
            }
        }
    }
}
