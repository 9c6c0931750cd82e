using System.Text.Json.Nodes;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Sdk;

/// <summary>
/// The same conversations, held with the JavaScript SDK's chats and with the service, reach the model as the same requests: equal as JSON, but
/// for what docs/reference/sdk-compatibility.md lists.
/// </summary>
public sealed class SdkEqualityTests
{
    // What the SDK does not do by itself.
    private static readonly string[] AsTheSdk = ["--Models:Routes:0:Retry:MaxAttempts=1", "--Models:Routes:0:Retry:MaxEmptyRetries=0"];

    [Fact]
    public async Task Requests_OfRandomConversations_AreEqual()
    {
        const int Seed = 4711;
        var random = new RandomConversations(Seed);
        var conversations = Enumerable.Range(0, Suite.Pick(25, inLongRuns: 60)).Select(_ => random.Next()).ToList();
        await using var comparison = await SdkComparison.StartAsync(AsTheSdk);

        var compared = await comparison.HoldAsync(conversations);

        foreach (var (conversation, (sdk, service)) in conversations.Zip(compared))
        {
            var context = $"Seed {Seed}: {conversation.ToJson().ToJsonString()}";
            Assert.True(sdk.Outcomes.SequenceEqual(service.Outcomes), $"{string.Join(' ', sdk.Outcomes)}, {string.Join(' ', service.Outcomes)}. {context}");
            Assert.True(sdk.Requests.Count == service.Requests.Count, $"{sdk.Requests.Count} requests, {service.Requests.Count}. {context}");
            Assert.True(sdk.Requests.Count >= conversation.Sends.Count, context);
            foreach (var (expected, actual) in sdk.Requests.Zip(service.Requests))
            {
                Assert.Equal(expected.Path, actual.Path);
                var (left, right) = (SdkNormal.Of(expected.Body), SdkNormal.Of(actual.Body));
                Assert.True(JsonNode.DeepEquals(left, right), $"{context}\nSDK:     {left.ToJsonString()}\nservice: {right.ToJsonString()}");
            }
        }
    }
}
