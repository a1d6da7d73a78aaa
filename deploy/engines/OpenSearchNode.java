// One OpenSearch node in a process of its own, from its jars: `java -cp 'lib/*' OpenSearchNode.java
// name=value …` with OpenSearch's settings. Without the launcher of the distribution there are no
// bootstrap checks and no security manager: for tests on this machine only.

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

public class OpenSearchNode extends Node {
    OpenSearchNode(Settings settings) {
        super(
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "node"),
            List.of(Netty4Plugin.class, CommonAnalysisPlugin.class),
            false
        );
    }

    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            settings.put(parts[0], parts[1]);
        }
        Node node = new OpenSearchNode(settings.build()).start();
        Thread closing = new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        });
        Runtime.getRuntime().addShutdownHook(closing);
        new CountDownLatch(1).await();
    }
}
