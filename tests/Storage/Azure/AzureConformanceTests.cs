using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.Azure;

public sealed class AzureConformanceTests : ChatStoreConformance
{
    private protected override async Task<IStorageBackend> OpenAsync(ManualTimeProvider time) =>
        (await AzureStore.CreateAsync(time)).GetRequiredService<IStorageBackend>();

    // With Azurite, each takes 20 to 50 s. With Redis and in memory, GrainStorage passes them in every run.
    [LongFact]
    public override Task List_LabelsOfMoreChatsThanOneSorts_AreFoundInOrder() => base.List_LabelsOfMoreChatsThanOneSorts_AreFoundInOrder();

    [LongFact]
    public override Task List_InPages_YieldsEachChatOnce() => base.List_InPages_YieldsEachChatOnce();

    [LongFact]
    public override Task Import_ThatWasCutOffAnywhere_GoesOnWhereItWas() => base.Import_ThatWasCutOffAnywhere_GoesOnWhereItWas();
}
